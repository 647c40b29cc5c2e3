import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Random;

/** Draws the spec and the inputs of one case. */
final class Specs {
  private final String family;
  private final Random random;
  private final ArrayNode nodes = Functions.json.arrayNode();
  private List<String> topics = List.of("left", "right");
  /** Values of the left topic are objects with a foreign key. */
  private boolean foreign;
  private boolean nullKeys = true;

  Specs(String family, Random random) {
    this.family = family;
    this.random = random;
  }

  ArrayNode draw() {
    switch (family) {
      case "cogroup": cogroup(); break;
      case "versioned-tables": versionedTables(); break;
      case "stream-table-grace": streamTable(true); break;
      case "stream-joins": streamJoin(); break;
      case "stream-tables": streamTable(false); break;
      case "table-joins": tableJoins(false); break;
      case "foreign-keys": foreignKeys(false); break;
      default: throw new IllegalArgumentException(family);
    }
    return nodes;
  }

  private ObjectNode add(String id, String op, String from) {
    ObjectNode node = nodes.addObject().put("id", id).put("op", op);
    if (from != null) node.put("from", from);
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

  private void out(String table) {
    add("changes", "toStream", table);
    add("sink", "to", "changes").put("topic", "out");
  }

  private void cogroup() {
    topics = chance(0.5) ? List.of("left", "right") : List.of("left", "right", "third");
    boolean list = chance(0.5);
    String cogrouped = null;
    for (String topic : topics) {
      String stream = add(topic, "stream", null).put("topic", topic).get("id").textValue();
      if (chance(0.2)) fn(add(stream = topic + "Kept", "filter", topic), "predicate", "valueGreaterThan").put("x", 20);
      String group = topic + "Group";
      if (chance(0.3)) fn(add(group, "groupBy", stream), "key", pick(List.of("keyFromValueMod", "nullKeyIfGreaterThan"))).put("n", 3).put("x", 80);
      else add(group, "groupByKey", stream);
      String id = topic + "Cogroup";
      ObjectNode node = add(id, "cogroup", cogrouped == null ? group : cogrouped);
      if (cogrouped != null) node.put("with", group);
      cogrouped = id;
      if (list) fn(node, "adder", "append").put("max", 4);
      else fn(node, "adder", pick(List.of("sum", "subtract", "max", "last", "sumNullIfZero")));
    }
    boolean windowed = chance(0.75);
    if (windowed) {
      windows(add("windowed", "windowedBy", cogrouped).putObject("windows"));
      cogrouped = "windowed";
    }
    ObjectNode aggregate = add("agg", "aggregate", cogrouped);
    if (list) fn(aggregate, "aggregate", "list").put("max", 4);
    else fn(aggregate, "aggregate", "sum");
    if (windowed) aggregate.put("retentionMs", 10_000_000);
    if (!windowed && chance(0.4)) {
      fn(add("kept", "filter", "agg"), "predicate", "valueModEquals").put("n", 2).put("r", 0);
      out("kept");
    } else out("agg");
  }

  private void windows(ObjectNode windows) {
    long size = pick(List.of(10L, 30L, 100L));
    long grace = pick(List.of(0L, 5L, 20L, 200L));
    switch (random.nextInt(4)) {
      case 0: windows.put("type", "tumbling").put("sizeMs", size); break;
      case 1: windows.put("type", "hopping").put("sizeMs", size).put("advanceMs", pick(List.of(size / 2, size / 5, size - 1))); break;
      case 2: windows.put("type", "sliding").put("timeDifferenceMs", size); break;
      default: windows.put("type", "session").put("gapMs", size); break;
    }
    windows.put("graceMs", grace);
  }

  /** A table over a topic, versioned or not, sometimes with a step behind it. Gives its id. */
  private String table(String id, String topic, boolean versioned) {
    ObjectNode table = add(id, "table", null).put("topic", topic);
    if (versioned) table.putObject("versioned").put("historyRetentionMs", pick(List.of(0, 20, 60, 100_000)));
    else if (chance(0.4)) table.put("materialized", true);
    return step(id, !versioned);
  }

  private String step(String id, boolean mayKeep) {
    if (chance(0.25)) {
      ObjectNode node = add(id + "Kept", "filter", id);
      fn(node, "predicate", "valueModEquals").put("n", 2).put("r", random.nextInt(2));
      if (chance(mayKeep ? 0.4 : 0.2)) node.put("materialized", true);
      return id + "Kept";
    }
    if (chance(0.2)) {
      ObjectNode node = add(id + "Mapped", "mapValues", id);
      fn(node, "mapper", foreign ? "identity" : pick(List.of("addToValue", "nullIfGreaterThan"))).put("x", 60);
      if (chance(mayKeep ? 0.4 : 0.2)) node.put("materialized", true);
      return id + "Mapped";
    }
    return id;
  }

  private void versionedTables() {
    int kind = random.nextInt(5);
    if (kind == 0) streamTable(true);
    else if (kind == 1) tableJoins(true);
    else if (kind == 2) foreignKeys(true);
    else {
      topics = List.of("left");
      String table = table("table", "left", true);
      if (kind == 3) out(table);
      else {
        ObjectNode group = add("group", "groupBy", table);
        fn(group, "key", "keyFromValueMod").put("n", 3);
        fn(group, "value", "identity");
        add("count", "count", "group");
        out("count");
      }
    }
  }

  private void streamTable(boolean versioned) {
    String stream = "events";
    add(stream, "stream", null).put("topic", "left");
    if (chance(0.25)) fn(add(stream = "rekeyed", "selectKey", "events"), "mapper", pick(List.of("keyFromValueMod", "sameKey"))).put("n", 3);
    boolean grace = versioned && (family.equals("stream-table-grace") || chance(0.2));
    if (grace) nullKeys = false;
    String table;
    if (grace) {
      add("table", "table", null).put("topic", "right").putObject("versioned").put("historyRetentionMs", pick(List.of(60, 100, 100_000)));
      table = "table";
      if (chance(0.3)) fn(add(table = "kept", "filter", "table"), "predicate", "valueModEquals").put("n", 2).put("r", random.nextInt(2));
    } else table = table("table", "right", versioned);
    ObjectNode join = add("joined", pick(List.of("join", "leftJoin")), stream).put("with", table);
    fn(join, "joiner", "pair");
    if (grace) join.put("graceMs", pick(List.of(0, 10, 30, 60)));
    add("sink", "to", "joined").put("topic", "out");
  }

  private void tableJoins(boolean versioned) {
    String left = table("table", "left", versioned && chance(0.7));
    String right = table("table2", "right", versioned && chance(0.7));
    ObjectNode join = add("joined", pick(List.of("join", "leftJoin", "outerJoin")), left).put("with", right);
    fn(join, "joiner", "pair");
    if (chance(0.4)) join.put("materialized", true);
    String result = "joined";
    if (chance(0.3)) {
      topics = List.of("left", "right", "third");
      String third = table("table3", "third", versioned && chance(0.5));
      ObjectNode again = add("joined2", pick(List.of("join", "leftJoin", "outerJoin")), "joined").put("with", third);
      fn(again, "joiner", "pair");
      if (chance(0.4)) again.put("materialized", true);
      result = "joined2";
    }
    if (chance(0.3)) {
      ObjectNode group = add("group", "groupBy", result);
      fn(group, "key", "constantKey").put("key", "all");
      fn(group, "value", "identity");
      add("count", "count", "group");
      result = "count";
    } else result = step(result, true);
    out(result);
  }

  private void foreignKeys(boolean versioned) {
    foreign = true;
    String left = table("table", "left", versioned && chance(0.7));
    foreign = false;
    String right = table("table2", "right", versioned && chance(0.7));
    ObjectNode join = add("joined", pick(List.of("join", "leftJoin")), left).put("with", right);
    fn(join, "foreignKey", "keyFromField").put("field", "fk");
    fn(join, "joiner", "pair");
    if (chance(0.4)) join.put("materialized", true);
    foreign = true;
    out(chance(0.3) ? step("joined", true) : "joined");
  }

  private void streamJoin() {
    boolean self = chance(0.1);
    add("left", "stream", null).put("topic", "left");
    String left = "left";
    String right = "left";
    if (self) topics = List.of("left");
    else add(right = "right", "stream", null).put("topic", "right");
    if (chance(0.2)) fn(add(left = "rekeyed", "selectKey", "left"), "mapper", pick(List.of("keyFromValueMod", "nullKeyIfGreaterThan"))).put("n", 2).put("x", 70);
    ObjectNode join = add("joined", pick(List.of("join", "leftJoin", "leftJoin", "outerJoin", "outerJoin")), left).put("with", right);
    fn(join, "joiner", "pair");
    int before = pick(List.of(0, 10, 30, -5, 60));
    int after = Math.max(-before, pick(List.of(0, 10, 30, -5, 100)));
    if (before + after == 0 && chance(0.8)) after += 10;
    join.putObject("windows").put("beforeMs", before).put("afterMs", after).put("graceMs", pick(List.of(0, 5, 20, 50)));
    add("sink", "to", "joined").put("topic", "out");
  }

  ArrayNode inputs() {
    ArrayNode inputs = Functions.json.arrayNode();
    long time = chance(0.5) ? random.nextInt(60) : 1_700_000_000_000L;
    int count = 15 + random.nextInt(45);
    long stepMs = pick(List.of(3, 10, 25));
    for (int i = 0; i < count; i++) {
      time += random.nextInt((int) stepMs * 2);
      if (chance(0.04)) time += 200;
      long timestamp = chance(0.3) ? Math.max(0, time - random.nextInt((int) stepMs * (chance(0.2) ? 30 : 8))) : time;
      String topic = pick(topics);
      ObjectNode record = inputs.addObject().put("topic", topic);
      boolean isFact = foreign && topic.equals("right");
      record.put("key", nullKeys && chance(0.04) ? null : pick(isFact ? List.of("x", "y", "z") : List.of("a", "b", "c")));
      record.set("value", chance(0.15) ? Functions.json.nullNode() : value(topic));
      record.put("timestamp", timestamp);
    }
    return inputs;
  }

  private JsonNode value(String topic) {
    JsonNode number = Functions.number(random.nextInt(4) == 0 ? random.nextInt(1000) / 10.0 : random.nextInt(100));
    if (!foreign || !topic.equals("left")) return number;
    ObjectNode value = Functions.json.objectNode().put("fk", chance(0.15) ? null : pick(List.of("x", "y", "z")));
    value.set("n", Functions.number(random.nextInt(3)));
    return value;
  }
}
