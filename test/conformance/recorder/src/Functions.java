import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.*;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;

/** The functions of the cases' grammar that the recorder's families use. A null value is Java's null. */
final class Functions {
  static final JsonNodeFactory json = JsonNodeFactory.instance;

  static double num(JsonNode v) {
    if (v == null || v.isNull()) return 0;
    if (v.isNumber()) return v.doubleValue();
    if (v.isTextual()) return v.textValue().length();
    if (v.isArray()) return v.size();
    return v.isObject() && v.path("n").isNumber() ? v.get("n").doubleValue() : 0;
  }

  static long mod(JsonNode v, long n) {
    return Math.floorMod((long) num(v), n);
  }

  /** Whole numbers are written as such, so that JSON text is the same everywhere. */
  static JsonNode number(double x) {
    return x == Math.rint(x) && Math.abs(x) < 1e15 ? json.numberNode((long) x) : json.numberNode(x);
  }

  static boolean predicate(JsonNode f, String key, JsonNode value) {
    return switch (f.get("fn").textValue()) {
      case "valueGreaterThan" -> num(value) > f.get("x").doubleValue();
      case "valueLessThan" -> num(value) < f.get("x").doubleValue();
      case "valueNotNull" -> value != null;
      case "valueModEquals" -> mod(value, f.get("n").longValue()) == f.get("r").longValue();
      default -> throw new IllegalArgumentException(f.toString());
    };
  }

  static JsonNode valueMapper(JsonNode f, JsonNode value) {
    return switch (f.get("fn").textValue()) {
      case "identity" -> value;
      case "multiplyValue" -> number(num(value) * f.get("x").doubleValue());
      case "addToValue" -> number(num(value) + f.get("x").doubleValue());
      case "nullIfGreaterThan" -> num(value) > f.get("x").doubleValue() ? null : value;
      case "wrapValue" -> json.objectNode().set("v", value == null ? json.nullNode() : value);
      default -> throw new IllegalArgumentException(f.toString());
    };
  }

  static String keyMapper(JsonNode f, String key, JsonNode value) {
    return switch (f.get("fn").textValue()) {
      case "sameKey" -> key;
      case "keyFromValueMod" -> "m" + mod(value, f.get("n").longValue());
      case "keyFromField" -> value != null && value.path(f.get("field").textValue()).isTextual()
          ? value.get(f.get("field").textValue()).textValue() : null;
      case "appendToKey" -> key == null ? null : key + f.get("suffix").textValue();
      case "constantKey" -> f.get("key").textValue();
      case "nullKeyIfGreaterThan" -> num(value) > f.get("x").doubleValue() ? null : key;
      default -> throw new IllegalArgumentException(f.toString());
    };
  }

  static List<KeyValue<String, JsonNode>> flatMapper(JsonNode f, String key, JsonNode value) {
    List<KeyValue<String, JsonNode>> all = new ArrayList<>();
    switch (f.get("fn").textValue()) {
      case "explode":
        for (int i = 0; i < f.get("n").intValue(); i++)
          all.add(KeyValue.pair(key == null ? null : key + i, number(num(value) + i)));
        return all;
      case "duplicateIfEven": return mod(value, 2) == 0 ? List.of(KeyValue.pair(key, value), KeyValue.pair(key, value)) : all;
      default: throw new IllegalArgumentException(f.toString());
    }
  }

  static List<JsonNode> flatValueMapper(JsonNode f, JsonNode value) {
    boolean isRepeat = f.get("fn").textValue().equals("repeat");
    if (!isRepeat && !f.get("fn").textValue().equals("countUp")) throw new IllegalArgumentException(f.toString());
    List<JsonNode> all = new ArrayList<>();
    long times = isRepeat ? f.get("n").longValue() : mod(value, 4);
    for (int i = 0; i < times; i++) all.add(isRepeat ? value : number(num(value) + i));
    return all;
  }

  static JsonNode reducer(JsonNode f, JsonNode a, JsonNode b) {
    return switch (f.get("fn").textValue()) {
      case "sum" -> number(num(a) + num(b));
      case "subtract" -> number(num(a) - num(b));
      case "max" -> num(b) > num(a) ? b : a;
      case "min" -> num(b) < num(a) ? b : a;
      case "last" -> b;
      case "sumNullIfZero" -> num(a) + num(b) == 0 ? null : number(num(a) + num(b));
      case "append" -> append(a, List.of(b == null ? json.nullNode() : b), f.get("max").intValue());
      default -> throw new IllegalArgumentException(f.toString());
    };
  }

  static JsonNode initial(JsonNode f) {
    return f.get("fn").textValue().equals("list") ? json.arrayNode() : json.numberNode(0);
  }

  static JsonNode merge(JsonNode f, JsonNode a, JsonNode b) {
    if (!f.get("fn").textValue().equals("list")) return number(num(a) + num(b));
    return append(a, b, f.get("max").intValue());
  }

  static JsonNode joiner(JsonNode f, JsonNode left, JsonNode right) {
    if (f.get("fn").textValue().equals("sum")) return number(num(left) + num(right));
    ObjectNode pair = json.objectNode();
    pair.set("l", left == null ? json.nullNode() : left);
    pair.set("r", right == null ? json.nullNode() : right);
    return pair;
  }

  private static JsonNode append(JsonNode list, Iterable<JsonNode> more, int max) {
    ArrayNode all = json.arrayNode();
    if (list != null && list.isArray()) all.addAll((ArrayNode) list);
    more.forEach(all::add);
    while (all.size() > max) all.remove(0);
    return all;
  }
}
