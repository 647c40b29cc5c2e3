import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.*;

/** Builds the topology of a case's spec. */
@SuppressWarnings({"unchecked", "rawtypes"})
public final class Interpreter {
  static final ObjectMapper mapper = new ObjectMapper();
  static final Serde<String> keys = Serdes.String();
  static final Serde<JsonNode> values = new ValueSerde();

  private final StreamsBuilder builder = new StreamsBuilder();
  private final Map<String, Object> made = new HashMap<>();

  static JsonNode read(byte[] bytes) {
    try {
      return mapper.readTree(bytes);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Topology build(JsonNode nodes) {
    Interpreter interpreter = new Interpreter();
    for (JsonNode node : nodes) interpreter.made.put(node.get("id").textValue(), interpreter.add(node));
    return interpreter.builder.build();
  }

  private <T> T get(JsonNode node, String field) {
    return (T) made.get(node.get(field).textValue());
  }

  private Object add(JsonNode n) {
    String op = n.get("op").textValue();
    if (op.equals("stream")) return builder.stream(n.get("topic").textValue(), Consumed.with(keys, values));
    if (op.equals("table")) return table(n);
    if (op.endsWith("oin")) return join(n, op);
    Object from = get(n, "from");
    if (from instanceof KStream s) return stream(s, n, op);
    if (from instanceof KTable t) return table(t, n, op);
    if (from instanceof KGroupedTable g && !op.equals("count")) return WindowedTopology.groupedTable(g, n, op);
    if (from instanceof KGroupedTable g)
      return g.count(Materialized.<String, Long, KeyValueStore<Bytes, byte[]>>as(storeOf(n)).withKeySerde(keys).withValueSerde(Serdes.Long()));
    return grouped(from, n, op);
  }

  private Object table(JsonNode n) {
    String topic = n.get("topic").textValue();
    if (n.has("versioned")) {
      Duration history = Duration.ofMillis(n.get("versioned").get("historyRetentionMs").longValue());
      VersionedBytesStoreSupplier supplier = Stores.persistentVersionedKeyValueStore(n.get("id").textValue() + "-store", history);
      return builder.table(topic, Consumed.with(keys, values), Materialized.<String, JsonNode>as(supplier));
    }
    return n.has("materialized")
        ? builder.table(topic, Consumed.with(keys, values), materialized(n))
        : builder.table(topic, Consumed.with(keys, values));
  }

  private Object stream(KStream<String, JsonNode> from, JsonNode n, String op) {
    switch (op) {
      case "filter": return from.filter((k, v) -> Functions.predicate(n.get("predicate"), k, v));
      case "filterNot": return from.filterNot((k, v) -> Functions.predicate(n.get("predicate"), k, v));
      case "map": return from.map((k, v) ->
          KeyValue.pair(Functions.keyMapper(n.get("key"), k, v), Functions.valueMapper(n.get("value"), v)));
      case "flatMap": return from.flatMap((k, v) -> Functions.flatMapper(n.get("mapper"), k, v));
      case "flatMapValues": return from.flatMapValues(v -> Functions.flatValueMapper(n.get("mapper"), v));
      case "merge": return from.merge(get(n, "with"));
      case "mapValues": return from.mapValues(v -> Functions.valueMapper(n.get("mapper"), v));
      case "selectKey": return from.selectKey((k, v) -> Functions.keyMapper(n.get("mapper"), k, v));
      case "groupByKey": return from.groupByKey(Grouped.with(keys, values));
      case "groupBy": return from.groupBy(
          (k, v) -> Functions.keyMapper(n.get("key"), k, v), Grouped.with(n.get("id").textValue(), keys, values));
      case "toTable": return from.toTable(n.has("materialized") ? materialized(n) : Materialized.with(keys, values));
      case "to":
        from.to(n.get("topic").textValue(), Produced.with((Serde) new KeySerde(), values));
        return null;
      default: throw new IllegalArgumentException(n.toString());
    }
  }

  private Object table(KTable<String, JsonNode> from, JsonNode n, String op) {
    switch (op) {
      case "filter": {
        Predicate<String, JsonNode> holds = (k, v) -> Functions.predicate(n.get("predicate"), k, v);
        return n.has("materialized") ? from.filter(holds, materialized(n)) : from.filter(holds);
      }
      case "mapValues": {
        ValueMapper<JsonNode, JsonNode> map = v -> Functions.valueMapper(n.get("mapper"), v);
        return n.has("materialized") ? from.mapValues(map, materialized(n)) : from.mapValues(map);
      }
      case "suppress": return from.suppress((Suppressed) WindowedTopology.suppressed(n));
      case "toStream": return ((KTable) from).toStream().mapValues(v -> v instanceof Long ? Functions.json.numberNode((Long) v) : v);
      case "groupBy": return from.groupBy(
          (k, v) -> KeyValue.pair(Functions.keyMapper(n.get("key"), k, v), Functions.valueMapper(n.get("value"), v)),
          Grouped.with(keys, values));
      default: throw new IllegalArgumentException(n.toString());
    }
  }

  private Object grouped(Object from, JsonNode n, String op) {
    if (op.equals("cogroup")) {
      Aggregator<String, JsonNode, JsonNode> add = (k, v, a) -> Functions.reducer(n.get("adder"), a, v);
      if (from instanceof KGroupedStream g) return g.cogroup(add);
      return ((CogroupedKStream<String, JsonNode>) from).cogroup(get(n, "with"), add);
    }
    long kept = n.path("retentionMs").asLong(-1);
    if (from instanceof KGroupedStream g)
      return op.equals("windowedBy") ? WindowedTopology.windowed(g, n) : WindowedTopology.aggregate(g, n, op, kept);
    if (from instanceof TimeWindowedKStream || from instanceof SessionWindowedKStream)
      return WindowedTopology.aggregate(from, n, op, kept);
    if (from instanceof CogroupedKStream g) {
      if (op.equals("aggregate")) return g.aggregate(() -> Functions.initial(n.get("aggregate")), materialized(n));
      return windowed(g, n.get("windows"));
    }
    Initializer<JsonNode> initial = () -> Functions.initial(n.get("aggregate"));
    Duration retention = Duration.ofMillis(n.path("retentionMs").longValue());
    if (from instanceof TimeWindowedCogroupedKStream g)
      return g.aggregate(initial, Materialized.<String, JsonNode, WindowStore<Bytes, byte[]>>as(storeOf(n))
          .withKeySerde(keys).withValueSerde(values).withRetention(retention));
    if (from instanceof SessionWindowedCogroupedKStream g)
      return g.aggregate(initial, (k, a, b) -> Functions.merge(n.get("aggregate"), (JsonNode) a, (JsonNode) b),
          Materialized.<String, JsonNode, SessionStore<Bytes, byte[]>>as(storeOf(n))
              .withKeySerde(keys).withValueSerde(values).withRetention(retention));
    throw new IllegalArgumentException(n.toString());
  }

  private Object windowed(CogroupedKStream<String, JsonNode> g, JsonNode w) {
    Duration grace = Duration.ofMillis(w.path("graceMs").longValue());
    switch (w.get("type").textValue()) {
      case "tumbling": return g.windowedBy(TimeWindows.ofSizeAndGrace(ms(w, "sizeMs"), grace));
      case "hopping": return g.windowedBy(TimeWindows.ofSizeAndGrace(ms(w, "sizeMs"), grace).advanceBy(ms(w, "advanceMs")));
      case "sliding": return g.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(ms(w, "timeDifferenceMs"), grace));
      default: return g.windowedBy(SessionWindows.ofInactivityGapAndGrace(ms(w, "gapMs"), grace));
    }
  }

  private Object join(JsonNode n, String op) {
    Object left = get(n, "from");
    Object right = get(n, "with");
    ValueJoiner<JsonNode, JsonNode, JsonNode> joiner = (l, r) -> Functions.joiner(n.get("joiner"), l, r);
    if (left instanceof KStream l && right instanceof KStream r) {
      JsonNode w = n.get("windows");
      JoinWindows windows = JoinWindows.ofTimeDifferenceAndGrace(Duration.ZERO, ms(w, "graceMs"));
      // The sum must not be negative in between.
      windows = w.get("beforeMs").longValue() < 0
          ? windows.after(ms(w, "afterMs")).before(ms(w, "beforeMs")) : windows.before(ms(w, "beforeMs")).after(ms(w, "afterMs"));
      StreamJoined with = StreamJoined.with(keys, values, values);
      if (op.equals("join")) return l.join(r, joiner, windows, with);
      return op.equals("leftJoin") ? l.leftJoin(r, joiner, windows, with) : l.outerJoin(r, joiner, windows, with);
    }
    if (left instanceof KStream l) {
      Joined with = Joined.with(keys, values, values);
      if (n.has("graceMs")) with = with.withName(n.get("id").textValue()).withGracePeriod(ms(n, "graceMs"));
      return op.equals("join") ? l.join((KTable) right, joiner, with) : l.leftJoin((KTable) right, joiner, with);
    }
    KTable<String, JsonNode> l = (KTable) left;
    KTable<String, JsonNode> r = (KTable) right;
    Materialized<String, JsonNode, KeyValueStore<Bytes, byte[]>> kept =
        n.has("materialized") ? materialized(n) : Materialized.with(keys, values);
    if (n.has("foreignKey")) {
      java.util.function.BiFunction<String, JsonNode, String> key = (k, v) -> Functions.keyMapper(n.get("foreignKey"), k, v);
      return op.equals("join") ? l.join(r, key, joiner, kept) : l.leftJoin(r, key, joiner, kept);
    }
    if (!n.has("materialized"))
      return op.equals("join") ? l.join(r, joiner) : op.equals("leftJoin") ? l.leftJoin(r, joiner) : l.outerJoin(r, joiner);
    return op.equals("join") ? l.join(r, joiner, kept) : op.equals("leftJoin") ? l.leftJoin(r, joiner, kept) : l.outerJoin(r, joiner, kept);
  }

  private static Duration ms(JsonNode n, String field) {
    return Duration.ofMillis(n.get(field).longValue());
  }

  private static String storeOf(JsonNode n) {
    return n.get("id").textValue() + "-store";
  }

  private static Materialized<String, JsonNode, KeyValueStore<Bytes, byte[]>> materialized(JsonNode n) {
    return Materialized.<String, JsonNode, KeyValueStore<Bytes, byte[]>>as(storeOf(n)).withKeySerde(keys).withValueSerde(values);
  }

  /** Values as JSON text. */
  public static final class ValueSerde extends Serdes.WrapperSerde<JsonNode> {
    public ValueSerde() {
      super((topic, value) -> value == null ? null : value.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8),
          (topic, bytes) -> bytes == null ? null : read(bytes));
    }
  }

  /** Keys as the cases' outputs show them: text, or a windowed key as an object. Written as JSON. */
  static final class KeySerde implements Serde<Object> {
    @Override
    public Serializer<Object> serializer() {
      return (topic, key) -> {
        if (key == null) return null;
        if (key instanceof String) return Functions.json.textNode((String) key).toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Windowed<?> windowed = (Windowed<?>) key;
        return Functions.json.objectNode().put("key", (String) windowed.key())
            .put("windowStart", windowed.window().start()).put("windowEnd", windowed.window().end())
            .toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
      };
    }

    @Override
    public Deserializer<Object> deserializer() {
      throw new UnsupportedOperationException();
    }
  }
}
