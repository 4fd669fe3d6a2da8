// Describes a value in words, types and identities included. Loaded before the background of test_values.py.
const describe = async (root) => {
  const seen = new Map();
  const typeOf = (value) => Object.prototype.toString.call(value).slice(8, -1);
  const all = async (members) => {
    const words = [];
    for (const member of members) words.push(await walk(member));
    return words.join(", ");
  };
  const walk = async (value) => {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value !== "object" || value === null) return `${typeof value} ${Object.is(value, -0) ? "-0" : value}`;
    if (seen.has(value)) return `#${seen.get(value)}`;
    seen.set(value, seen.size);
    const type = typeOf(value);
    switch (type) {
      case "Array": {
        if (value.length > 1e6) return `${value.length} {${Object.keys(value)}: ${await all(Object.values(value))}}`;
        const places = Array.from(value, (member, index) => (index in value ? walk(member) : "hole"));
        return `[${(await Promise.all(places)).join(", ")}]`;
      }
      case "Object":
        return `{${Object.keys(value)}: ${await all(Object.keys(value).map((key) => value[key]))}}`;
      case "Map":
        return `Map(${await all([...value].flat())})`;
      case "Set":
        return `Set(${await all(value)})`;
      case "Date":
        return `Date ${value.getTime()}`;
      case "RegExp":
        return String(value);
      case "ArrayBuffer":
        return `ArrayBuffer ${new Uint8Array(value)}`;
      case "Blob":
      case "File":
        return `${type} ${value.type} ${value.name} ${value.lastModified} ${await value.text()}`;
      case "Error":
      case "DOMException":
        return `${type} ${value.name} ${value.message} ${value instanceof TypeError}`;
      case "Number":
      case "String":
      case "Boolean":
        return `${type} ${value.valueOf()}`;
      default:
        return `${type} ${value.byteOffset} ${value.byteLength} ${await walk(value.buffer)}`;
    }
  };
  return walk(root);
};
