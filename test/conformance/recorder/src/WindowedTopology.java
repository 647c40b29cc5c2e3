import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;

/** Builds specs of windowed and suppressed streams and of tables: one input stream or table, one chain of steps. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class WindowedTopology {
  private static final Serde<String> keys = Interpreter.keys;
  private static final Serde<JsonNode> values = Interpreter.values;
  private static final JsonNode count = Functions.json.objectNode().put("fn", "count");
  private final StreamsBuilder builder = new StreamsBuilder();
  private final Map<String, Object> made = new HashMap<>();
  /** ms that stores keep windows where the spec doesn't say; negative for Kafka Streams' own default. */
  private final long retentionMs;

  private WindowedTopology(long retentionMs) {
    this.retentionMs = retentionMs;
  }

  static Topology build(JsonNode nodes, long retentionMs) {
    WindowedTopology all = new WindowedTopology(retentionMs);
    for (JsonNode node : nodes) all.made.put(node.get("id").textValue(), all.add(node));
    return all.builder.build();
  }

  private Object add(JsonNode n) {
    String op = n.get("op").textValue();
    if (op.equals("stream")) return builder.stream(n.get("topic").textValue(), Consumed.with(keys, values));
    if (op.equals("table")) return n.has("materialized")
        ? builder.table(n.get("topic").textValue(), Consumed.with(keys, values), kept(n))
        : builder.table(n.get("topic").textValue(), Consumed.with(keys, values));
    Object from = made.get(n.get("from").textValue());
    if (from instanceof KStream s) return stream(s, n, op);
    if (from instanceof KTable t) return table(t, n, op);
    if (from instanceof KGroupedTable g) return groupedTable(g, n, op);
    if (from instanceof KGroupedStream g && op.equals("windowedBy")) return windowed(g, n);
    return aggregate(from, n, op, retentionMs);
  }

  private Object stream(KStream<Object, JsonNode> from, JsonNode n, String op) {
    switch (op) {
      case "groupByKey": return from.groupByKey(Grouped.with((Serde) keys, values));
      case "groupBy": return from.groupBy(
          (k, v) -> Functions.keyMapper(n.get("key"), (String) k, v), Grouped.with(keys, values));
      case "toTable": return from.toTable((Materialized) (n.has("materialized") ? kept(n) : Materialized.with(keys, values)));
      case "selectKey": return from.selectKey((k, v) -> Functions.keyMapper(n.get("mapper"), (String) k, v));
      case "to":
        from.to(n.get("topic").textValue(), Produced.with((Serde) new Interpreter.KeySerde(), values));
        return null;
      default: throw new IllegalArgumentException(n.toString());
    }
  }

  private Object table(KTable<Object, JsonNode> from, JsonNode n, String op) {
    switch (op) {
      case "filter": {
        Predicate<Object, JsonNode> holds = (k, v) -> Functions.predicate(n.get("predicate"), null, v);
        return n.has("materialized") ? from.filter(holds, (Materialized) kept(n)) : from.filter(holds);
      }
      case "mapValues": {
        ValueMapper<JsonNode, JsonNode> map = v -> Functions.valueMapper(n.get("mapper"), v);
        return n.has("materialized") ? from.mapValues(map, (Materialized) kept(n)) : from.mapValues(map);
      }
      case "toStream": return from.toStream();
      case "suppress": return from.suppress((Suppressed) suppressed(n));
      case "groupBy": return from.groupBy(
          (k, v) -> KeyValue.pair(groupOf(n.get("key"), k, v), Functions.valueMapper(n.get("value"), v)),
          Grouped.with(keys, values));
      default: throw new IllegalArgumentException(n.toString());
    }
  }

  private static String groupOf(JsonNode f, Object key, JsonNode value) {
    if (f.get("fn").textValue().equals("windowedKeyToKey")) return ((Windowed<String>) key).key();
    return Functions.keyMapper(f, key instanceof String s ? s : null, value);
  }

  static Object suppressed(JsonNode n) {
    if (n.get("until").textValue().equals("windowCloses"))
      return Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded());
    Suppressed.BufferConfig buffer = Suppressed.BufferConfig.unbounded();
    if (n.has("maxRecords")) {
      buffer = Suppressed.BufferConfig.maxRecords(n.get("maxRecords").longValue()).emitEarlyWhenFull();
      if (n.has("maxBytes")) buffer = ((Suppressed.EagerBufferConfig) buffer).withMaxBytes(n.get("maxBytes").longValue());
    } else if (n.has("maxBytes")) buffer = Suppressed.BufferConfig.maxBytes(n.get("maxBytes").longValue()).emitEarlyWhenFull();
    return Suppressed.untilTimeLimit(ms(n, "timeLimitMs"), buffer);
  }

  static Object groupedTable(KGroupedTable<String, JsonNode> g, JsonNode n, String op) {
    switch (op) {
      case "reduce": return g.reduce((a, b) -> Functions.reducer(n.get("adder"), a, b), (a, b) -> Functions.reducer(n.get("subtractor"), a, b), kept(n));
      default: return g.aggregate(() -> Aggregates.initial(n.get("aggregate")),
          (k, v, a) -> Aggregates.add(n.get("aggregate"), a, v), (k, v, a) -> Aggregates.subtract(n.get("aggregate"), a, v), kept(n));
    }
  }

  static Object windowed(KGroupedStream<String, JsonNode> g, JsonNode n) {
    JsonNode w = n.get("windows");
    Duration grace = ms(w, "graceMs");
    boolean onClose = n.has("emit");
    switch (w.get("type").textValue()) {
      case "session": {
        SessionWindowedKStream s = g.windowedBy(SessionWindows.ofInactivityGapAndGrace(ms(w, "gapMs"), grace));
        return onClose ? s.emitStrategy(EmitStrategy.onWindowClose()) : s;
      }
      case "sliding": {
        TimeWindowedKStream s = g.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(ms(w, "timeDifferenceMs"), grace));
        return onClose ? s.emitStrategy(EmitStrategy.onWindowClose()) : s;
      }
      default: {
        TimeWindows windows = TimeWindows.ofSizeAndGrace(ms(w, "sizeMs"), grace);
        if (w.has("advanceMs")) windows = windows.advanceBy(ms(w, "advanceMs"));
        TimeWindowedKStream s = g.windowedBy(windows);
        return onClose ? s.emitStrategy(EmitStrategy.onWindowClose()) : s;
      }
    }
  }

  static Object aggregate(Object from, JsonNode n, String op, long retentionMs) {
    JsonNode f = op.equals("count") ? count : n.get("aggregate");
    Initializer<JsonNode> initial = () -> Aggregates.initial(f);
    Aggregator<String, JsonNode, JsonNode> add = (k, v, a) -> Aggregates.add(f, a, v);
    Reducer<JsonNode> reducer = (a, b) -> Functions.reducer(n.get("reducer"), a, b);
    if (from instanceof KGroupedStream g) {
      if (op.equals("reduce")) return g.reduce(reducer, kept(n));
      return g.aggregate(initial, add, kept(n));
    }
    long retention = n.has("retentionMs") ? n.get("retentionMs").longValue() : retentionMs;
    Materialized with = Materialized.as(n.get("id").textValue() + "-store").withKeySerde((Serde) keys).withValueSerde((Serde) values);
    if (retention >= 0) with = with.withRetention(Duration.ofMillis(retention));
    if (from instanceof SessionWindowedKStream s) {
      if (op.equals("reduce")) return s.reduce(reducer, with);
      Merger<String, JsonNode> merge = (k, a, b) -> Functions.merge(f, a, b);
      return s.aggregate(initial, add, merge, with);
    }
    TimeWindowedKStream s = (TimeWindowedKStream) from;
    return op.equals("reduce") ? s.reduce(reducer, with) : s.aggregate(initial, add, with);
  }

  private static Materialized<String, JsonNode, KeyValueStore<Bytes, byte[]>> kept(JsonNode n) {
    Materialized with = Materialized.as(n.get("id").textValue() + "-store");
    // A windowed table's keys find their serde by themselves.
    return n.has("windowed") ? with.withValueSerde(values) : with.withKeySerde(keys).withValueSerde(values);
  }

  private static Duration ms(JsonNode n, String field) {
    return Duration.ofMillis(n.path(field).longValue());
  }

  /** The aggregates that the recorder's own families use. */
  static final class Aggregates {
    static JsonNode initial(JsonNode f) {
      return Functions.initial(f);
    }

    static JsonNode add(JsonNode f, JsonNode a, JsonNode v) {
      switch (f.get("fn").textValue()) {
        case "list": return Functions.merge(f, a, Functions.json.arrayNode().add(v == null ? Functions.json.nullNode() : v));
        case "sumNullIfZero": {
          double sum = Functions.num(a) + Functions.num(v);
          return sum == 0 ? null : Functions.number(sum);
        }
        case "count": return Functions.number(Functions.num(a) + 1);
        default: return Functions.number(Functions.num(a) + Functions.num(v));
      }
    }

    static JsonNode subtract(JsonNode f, JsonNode a, JsonNode v) {
      switch (f.get("fn").textValue()) {
        case "list": {
          ArrayNode left = Functions.json.arrayNode();
          boolean found = false;
          for (JsonNode item : a) {
            if (!found && item.equals(v)) found = true;
            else left.add(item);
          }
          return left;
        }
        case "sumNullIfZero": {
          double sum = Functions.num(a) - Functions.num(v);
          return sum == 0 ? null : Functions.number(sum);
        }
        default: return Functions.number(Functions.num(a) - Functions.num(v));
      }
    }
  }
}
