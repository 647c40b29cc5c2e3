import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.streams.*;

/**
 * Records what Kafka Streams answers in the families that the given corpus leaves out: random specs and inputs, run on
 * Kafka Streams' own test driver. Arguments: seed, number of cases a family, folder, and the families (all unless given).
 */
public final class CogroupVersioned {
  public static void main(String[] args) throws IOException {
    long seed = Long.parseLong(args[0]);
    int count = Integer.parseInt(args[1]);
    Path folder = Files.createDirectories(Path.of(args[2]));
    List<String> families = args.length > 3
        ? List.of(args).subList(3, args.length) : List.of("cogroup", "versioned-tables", "stream-table-grace");
    for (String family : families) {
      Path file = folder.resolve(family + ".json.gz");
      try (Writer out = new OutputStreamWriter(new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8)) {
        out.write("[");
        for (int i = 1; i <= count; i++) out.write((i == 1 ? "\n" : ",\n") + draw(family, i, seed));
        out.write("\n]\n");
      }
      System.out.println(file + ": " + count + " cases");
    }
  }

  /** A case that gives no output at all is drawn again, up to four times. */
  private static ObjectNode draw(String family, int number, long seed) {
    ObjectNode drawn = null;
    for (int attempt = 0; attempt < 5; attempt++) {
      Specs specs = new Specs(family, new Random(Objects.hash(seed, family, number, attempt)));
      drawn = Functions.json.objectNode();
      drawn.put("name", String.format("%s-%03d", family, number));
      ArrayNode nodes = specs.draw();
      List<String> ops = new ArrayList<>();
      nodes.forEach(node -> ops.add(node.get("op").textValue()));
      drawn.put("title", String.join(" > ", ops));
      drawn.putObject("spec").set("nodes", nodes);
      drawn.set("inputs", specs.inputs());
      drawn.set("outputs", run(nodes, drawn.get("inputs")));
      if (!drawn.get("outputs").isEmpty()) break;
    }
    return drawn;
  }

  private static ArrayNode run(JsonNode nodes, JsonNode inputs) {
    Properties config = new Properties();
    config.put("application.id", "recorder");
    config.put("bootstrap.servers", "none:1");
    config.put("default.key.serde", Serdes.StringSerde.class);
    config.put("default.value.serde", Interpreter.ValueSerde.class);
    config.put("statestore.cache.max.bytes", 0);
    config.put("state.dir", System.getProperty("java.io.tmpdir") + "/recorder-" + ProcessHandle.current().pid());
    ArrayNode outputs = Functions.json.arrayNode();
    try (TopologyTestDriver driver = new TopologyTestDriver(Interpreter.build(nodes), config, java.time.Instant.ofEpochMilli(0))) {
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
          ObjectNode output = outputs.addObject();
          output.put("topic", "out");
          output.set("key", result.key() == null ? Functions.json.nullNode() : Interpreter.read(result.key()));
          output.set("value", result.value() == null ? Functions.json.nullNode() : result.value());
          output.put("timestamp", result.timestamp());
          output.put("afterInput", i);
        }
      }
    }
    return outputs;
  }
}
