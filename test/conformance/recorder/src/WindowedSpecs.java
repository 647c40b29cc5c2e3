import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;

/** Draws the spec and the inputs of one case of windows, suppressions and tables. */
final class WindowedSpecs {
  private final String family;
  private final Random random;
  private final ArrayNode nodes = Functions.json.arrayNode();
  private String last;
  private int number;
  private long unitMs = 10;
  private boolean isWindowed;

  WindowedSpecs(String family, Random random) {
    this.family = family;
    this.random = random;
  }

  ArrayNode draw() {
    switch (family) {
      case "suppress-bytes": add("table").put("topic", "in"); steps(0.3); timeLimit(); break;
      case "table-suppress": if (chance(0.5)) table(); else aggregated(chance(0.4)); steps(0.3); timeLimit(); steps(0.3); regroup(0.3); break;
      case "tables": if (chance(0.7)) table(); else aggregated(false); steps(0.9); steps(0.6); steps(0.4); break;
      case "table-aggregate": if (chance(0.6)) table(); else aggregated(chance(0.3)); steps(0.4); regroup(1); steps(0.3); break;
      default: aggregated(true); if (family.endsWith("suppress") || (family.endsWith("-final") && !emits)) add("suppress").put("until", "windowCloses"); steps(0.2); regroup(0.15);
    }
    add("toStream");
    add("to").put("topic", "out");
    return nodes;
  }

  private boolean emits;

  private JsonNode last() {
    return nodes.get(nodes.size() - 1);
  }

  private ObjectNode add(String op) {
    String id = op + ++number;
    ObjectNode node = nodes.addObject().put("id", id).put("op", op);
    if (last != null) node.put("from", last);
    last = id;
    return node;
  }

  private ObjectNode fn(ObjectNode node, String field, String name) {
    return node.putObject(field).put("fn", name);
  }

  private boolean chance(double p) {
    return random.nextDouble() < p;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private void table() {
    if (chance(0.7)) {
      ObjectNode table = add("table").put("topic", "in");
      if (chance(0.4)) table.put("materialized", true);
      return;
    }
    add("stream").put("topic", "in");
    if (chance(0.3)) fn(add("selectKey"), "mapper", "keyFromValueMod").put("n", 3);
    ObjectNode table = add("toTable");
    if (chance(0.4)) table.put("materialized", true);
  }

  /** A filter or a mapping of the table, sometimes with a store. */
  private void steps(double p) {
    if (!chance(p)) return;
    ObjectNode node;
    if (chance(0.65)) fn(node = add("filter"), "predicate", "valueModEquals").put("n", 2 + random.nextInt(2)).put("r", random.nextInt(2));
    else fn(node = add("mapValues"), "mapper", pick(List.of("addToValue", "nullIfGreaterThan", "identity"))).put("x", 6);
    if (chance(0.4) && !isWindowed) node.put("materialized", true);
  }

  private void timeLimit() {
    ObjectNode suppress = add("suppress").put("until", "timeLimit").put("timeLimitMs", unitMs * random.nextInt(6));
    if (family.equals("suppress-bytes")) {
      suppress.put("maxBytes", 40 + random.nextInt(200));
      if (chance(0.3)) suppress.put("maxRecords", 1 + random.nextInt(4));
    } else if (chance(0.4)) suppress.put("maxRecords", random.nextInt(4));
  }

  private void regroup(double p) {
    if (!chance(p)) return;
    ObjectNode group = add("groupBy");
    fn(group, "key", isWindowed ? pick(List.of("windowedKeyToKey", "constantKey")) : pick(List.of("keyFromValueMod", "constantKey", "nullKeyIfGreaterThan"))).put("n", 3).put("key", "all").put("x", 12);
    fn(group, "value", pick(List.of("identity", "addToValue", "nullIfGreaterThan"))).put("x", 9);
    isWindowed = false;
    if (chance(0.5)) {
      ObjectNode node = add("reduce");
      fn(node, "adder", pick(List.of("sum", "sumNullIfZero", "last", "max")));
      fn(node, "subtractor", pick(List.of("subtract", "subtract", "last")));
    } else fn(add("aggregate"), "aggregate", pick(List.of("sum", "sumNullIfZero", "list"))).put("max", 4);
  }

  private void aggregated(boolean windowed) {
    add("stream").put("topic", "in");
    if (chance(0.3)) fn(add("groupBy"), "key", pick(List.of("keyFromValueMod", "constantKey", "nullKeyIfGreaterThan", "sameKey"))).put("n", 3).put("key", "all").put("x", 12);
    else add("groupByKey");
    if (windowed) windows();
    if (chance(0.5)) fn(add("reduce"), "reducer", pick(List.of("sum", "sumNullIfZero", "max", "min", "last")));
    else fn(add("aggregate"), "aggregate", pick(List.of("sum", "sumNullIfZero", "list", "list"))).put("max", 5);
    isWindowed = windowed;
    if (windowed && chance(0.3)) retention();
  }

  private long leastRetentionMs;

  private void retention() {
    ((ObjectNode) last()).put("retentionMs", chance(0.4) ? 86_400_000L : leastRetentionMs + (long) (random.nextDouble() * 4 * leastRetentionMs));
  }

  private void windows() {
    String kind = family.startsWith("sliding") ? "sliding" : family.startsWith("sessions") ? "session"
        : family.startsWith("windows") ? pick(List.of("tumbling", "hopping")) : pick(List.of("tumbling", "hopping", "sliding", "session"));
    ObjectNode node = add("windowedBy");
    ObjectNode windows = node.putObject("windows").put("type", kind);
    unitMs = pick(List.of(1L, 5L, 10L, 100L, 1000L, 20_000L));
    long size = unitMs * (1 + random.nextInt(5));
    long grace = pick(List.of(0L, unitMs, size, 2 * size, unitMs / 2));
    switch (kind) {
      case "sliding": windows.put("timeDifferenceMs", size); leastRetentionMs = 2 * size + grace; break;
      case "session": windows.put("gapMs", size); leastRetentionMs = size + grace; break;
      case "hopping": windows.put("advanceMs", Math.max(1, (long) (size * pick(List.of(0.2, 0.33, 0.5, 0.9))))); // falls through
      default: windows.put("sizeMs", size); leastRetentionMs = size + grace;
    }
    windows.put("graceMs", grace);
    emits = family.equals("windows-emit-final") || (family.endsWith("-final") && chance(0.7));
    if (emits) node.put("emit", "onWindowClose");
  }

  ArrayNode inputs() {
    ArrayNode inputs = Functions.json.arrayNode();
    long time = chance(0.5) ? random.nextInt((int) unitMs * 5) : 1_700_000_000_000L;
    int count = 15 + random.nextInt(50);
    List<String> keys = pick(List.of(List.of("a", "b", "c"), List.of("a", "ab", "b", ""), List.of("é", "～", "😀", "z"), List.of("k")));
    double late = pick(List.of(0.05, 0.3, 0.6));
    for (int i = 0; i < count; i++) {
      time += random.nextInt((int) Math.max(2, pick(List.of(1, 2, 4)) * unitMs));
      if (chance(0.04)) time += unitMs * (5 + random.nextInt(40));
      long timestamp = chance(late) ? Math.max(0, time - random.nextInt((int) (unitMs * (chance(0.2) ? 40 : 8)))) : time;
      ObjectNode record = inputs.addObject().put("topic", "in");
      record.put("key", chance(0.03) ? null : pick(keys));
      record.set("value", chance(0.12) ? Functions.json.nullNode() : value());
      record.put("timestamp", timestamp);
    }
    return inputs;
  }

  private JsonNode value() {
    return Functions.number(random.nextInt(5) == 0 ? (random.nextInt(160) - 80) / 4.0 : random.nextInt(24) - 8);
  }
}
