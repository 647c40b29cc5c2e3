import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.FailOnInvalidTimestamp;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;

/**
 * An instance of many applications of Kafka Streams at once, each built of a case's spec. It does what its input says, a line each: `start FILE`
 * (JSON: bootstrap, stateDir, paceMs, applications with their nodes) answers `started` once all of them run, `hurry` ends the pace and
 * answers `hurried`, `stop` answers `stopped` once all have left their groups. The end of the input is the end of the program.
 */
@SuppressWarnings("deprecation")
public final class Beside {
  private static final List<KafkaStreams> running = new ArrayList<>();
  private static volatile long paceMs;

  public static void main(String[] args) throws Exception {
    BlockingQueue<String> orders = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> {
      try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) orders.add(line);
      } catch (java.io.IOException e) {
        e.printStackTrace();
      }
      // Who gave the orders is gone: an order that is under way is nobody's any more.
      Runtime.getRuntime().halt(0);
    });
    // An order that fails ends the program, whoever still listens.
    reader.setDaemon(true);
    reader.start();
    for (;;) {
      String line = orders.take();
      if (line.startsWith("start ")) start(Interpreter.mapper.readTree(new File(line.substring(6))));
      else if (line.equals("hurry")) hurry();
      else if (line.equals("stop")) stop();
      else throw new IllegalArgumentException(line);
    }
  }

  private static void hurry() {
    paceMs = 0;
    System.out.println("hurried");
  }

  private static void start(JsonNode order) throws InterruptedException {
    paceMs = order.get("paceMs").longValue();
    CountDownLatch ready = new CountDownLatch(order.get("applications").size());
    for (JsonNode each : order.get("applications")) {
      String name = each.get("application").textValue();
      KafkaStreams streams = new KafkaStreams(Interpreter.build(each.get("nodes")), configOf(order, name));
      streams.setUncaughtExceptionHandler(error -> {
        System.err.println(name + ": " + error);
        error.printStackTrace();
        return StreamThreadExceptionResponse.REPLACE_THREAD;
      });
      boolean[] counted = {false};
      streams.setStateListener((now, before) -> {
        if (now != KafkaStreams.State.RUNNING || counted[0]) return;
        counted[0] = true;
        ready.countDown();
      });
      running.add(streams);
    }
    for (KafkaStreams streams : running) streams.start();
    ready.await();
    System.out.println("started");
  }

  private static void stop() throws InterruptedException {
    List<Thread> closing = new ArrayList<>();
    for (KafkaStreams streams : running) {
      Thread thread = new Thread(() -> streams.close(new KafkaStreams.CloseOptions().leaveGroup(true).timeout(Duration.ofSeconds(60))));
      thread.start();
      closing.add(thread);
    }
    for (Thread thread : closing) thread.join();
    running.clear();
    System.out.println("stopped");
  }

  private static Properties configOf(JsonNode order, String application) {
    Properties config = new Properties();
    config.put("application.id", application);
    config.put("bootstrap.servers", order.get("bootstrap").textValue());
    config.put("state.dir", order.get("stateDir").textValue());
    config.put("processing.guarantee", "exactly_once_v2");
    config.put("statestore.cache.max.bytes", 0);
    config.put("num.stream.threads", 1);
    config.put("commit.interval.ms", 200);
    config.put("replication.factor", 1);
    // A thread that takes its time over records hears of a rebalance at its next poll, which is due at half of this.
    config.put("max.poll.interval.ms", 10000);
    config.put("session.timeout.ms", 6000);
    config.put("heartbeat.interval.ms", 1000);
    config.put("auto.offset.reset", "earliest");
    config.put("metadata.max.age.ms", 5000);
    config.put("default.key.serde", Serdes.StringSerde.class);
    config.put("default.value.serde", Interpreter.ValueSerde.class);
    config.put("default.timestamp.extractor", Paced.class);
    config.put("dsl.store.suppliers.class", BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    // A join's unmatched records come with the record that closes their window, not when a second of the wall clock is over.
    config.put("__emit.interval.ms.kstreams.outer.join.spurious.results.fix__", 0L);
    config.put("__emit.interval.ms.kstreams.windowed.aggregation__", 0L);
    return config;
  }

  /** Takes its time, so that instances come and go while there is something left to do. */
  public static final class Paced extends FailOnInvalidTimestamp {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      try {
        Thread.sleep(paceMs);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return super.extract(record, partitionTime);
    }
  }
}
