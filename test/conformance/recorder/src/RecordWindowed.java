import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;

/**
 * Records windowed and suppressed streams and tables. Arguments: seed, number of cases a family, folder, families. Where Kafka
 * Streams' default retention shows, a case has what it answers when its stores keep everything as well. Or `loss-free FILE NAMES`:
 * prints that second answer for cases that are there already.
 */
public final class RecordWindowed {
  private static final long longMs = 10L * 365 * 86_400_000;

  public static void main(String[] args) throws IOException {
    if (args[0].equals("loss-free")) {
      lossFree(Path.of(args[1]), List.of(args).subList(2, args.length));
      return;
    }
    Path folder = Files.createDirectories(Path.of(args[2]));
    for (String family : List.of(args).subList(3, args.length)) {
      Path file = folder.resolve(family + ".json.gz");
      try (Writer out = new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
        out.write("[");
        int count = Integer.parseInt(args[1]);
        for (int i = 1; i <= count; i++) out.write((i == 1 ? "\n" : ",\n") + draw(family, i, Long.parseLong(args[0])));
        out.write("\n]\n");
      }
      System.out.println(file);
    }
  }

  private static void lossFree(Path file, List<String> names) throws IOException {
    ArrayNode found = Functions.json.arrayNode();
    for (JsonNode each : Interpreter.read(Files.readAllBytes(file))) {
      if (!names.contains(each.get("name").textValue())) continue;
      ObjectNode with = found.addObject();
      for (String field : List.of("name", "spec", "inputs")) with.set(field, each.get(field));
      with.set("lossFreeOutputs", run(each.get("spec").get("nodes"), each.get("inputs"), longMs));
    }
    System.out.println(found);
  }

  private static ObjectNode draw(String family, int number, long seed) {
    ObjectNode drawn = null;
    for (int attempt = 0; attempt < 5; attempt++) {
      WindowedSpecs specs = new WindowedSpecs(family, new Random(Objects.hash(seed, family, number, attempt)));
      drawn = Functions.json.objectNode().put("name", String.format("%s-%03d", family, number));
      ArrayNode nodes = specs.draw();
      StringBuilder title = new StringBuilder();
      nodes.forEach(node -> title.append(title.isEmpty() ? "" : " > ").append(node.get("op").textValue()));
      drawn.put("title", title.toString()).putObject("spec").set("nodes", nodes);
      ArrayNode inputs = specs.inputs();
      drawn.set("inputs", inputs);
      ArrayNode outputs = run(nodes, inputs, -1);
      drawn.set("outputs", outputs);
      ArrayNode everything = run(nodes, inputs, longMs);
      if (!everything.equals(outputs)) drawn.set("lossFreeOutputs", everything);
      if (!outputs.isEmpty()) break;
    }
    return drawn;
  }

  private static ArrayNode run(JsonNode nodes, JsonNode inputs, long retentionMs) {
    Properties config = new Properties();
    config.put("application.id", "recorder");
    config.put("bootstrap.servers", "none:1");
    config.put("statestore.cache.max.bytes", 0);
    config.put("default.key.serde", Serdes.StringSerde.class);
    config.put("default.value.serde", Values.class);
    config.put("state.dir", System.getProperty("java.io.tmpdir") + "/recorder-" + ProcessHandle.current().pid());
    ArrayNode outputs = Functions.json.arrayNode();
    Topology topology = WindowedTopology.build(nodes, retentionMs);
    try (TopologyTestDriver driver = new TopologyTestDriver(topology, config, java.time.Instant.ofEpochMilli(0))) {
      Map<String, TestInputTopic<String, JsonNode>> in = new HashMap<>();
      TestOutputTopic<byte[], JsonNode> out =
          driver.createOutputTopic("out", new ByteArrayDeserializer(), Interpreter.values.deserializer());
      for (int i = 0; i < inputs.size(); i++) {
        JsonNode record = inputs.get(i);
        JsonNode value = record.get("value");
        in.computeIfAbsent(record.get("topic").textValue(),
                topic -> driver.createInputTopic(topic, new StringSerializer(), Interpreter.values.serializer()))
            .pipeInput(record.get("key").textValue(), value.isNull() ? null : value, record.get("timestamp").longValue());
        while (!out.isEmpty()) {
          var result = out.readRecord();
          ObjectNode output = outputs.addObject().put("topic", "out");
          output.set("key", result.key() == null ? Functions.json.nullNode() : Interpreter.read(result.key()));
          output.set("value", result.value() == null ? Functions.json.nullNode() : result.value());
          output.put("timestamp", result.timestamp()).put("afterInput", i);
        }
      }
    }
    return outputs;
  }

  /** The values' serde by its class name: tables without one of their own fall back on the configuration's. */
  public static final class Values implements Serde<JsonNode> {
    @Override
    public Serializer<JsonNode> serializer() {
      return Interpreter.values.serializer();
    }

    @Override
    public Deserializer<JsonNode> deserializer() {
      return Interpreter.values.deserializer();
    }
  }
}
