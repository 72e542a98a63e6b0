"""The table of values in a chart's README.md, made of the comments in its values.yaml."""
import json
import re

BEGIN = "| value | default | |\n|---|---|---|\n"


def comments(text):
    """Dotted path of each key -> what its `# --` comment says; keys stand in the order of the file."""
    found, path, pending = {}, [], []
    for line in text.splitlines():
        comment = re.match(r" *# (-- )?(.*)", line)
        if comment:
            if comment.group(1):
                pending = [comment.group(2)]
            elif pending:
                pending.append(comment.group(2))
            continue
        key = re.match(r"( *)([^ :#-][^:]*):", line)
        if key:
            depth = len(key.group(1)) // 2
            path[depth:] = [key.group(2)]
            found[tuple(path)] = " ".join(pending)
        pending = []
    return found


def rows(value, schema, definitions, said, path=()):
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, dict) and schema.get("properties"):
        for key, part in value.items():
            yield from rows(part, schema["properties"][key], definitions, said, path + (key,))
        return
    choices = " · ".join(f"`{choice}`" for choice in schema.get("enum", []) if choice)
    text = said.get(path, "")
    if choices and not all(choice in text for choice in schema["enum"]):
        text = f"{text} {choices}".strip()
    yield f"| `{'.'.join(path)}` | `{json.dumps(value)}` | {text} |\n"


def table(chart, objects):
    text = (chart / "values.yaml").read_text()
    schema = json.loads((chart / "values.schema.json").read_text())
    values, = objects(text)
    ordered = comments(text)

    def sort(value, path=()):
        if not isinstance(value, dict):
            return value
        order = {key: i for i, key in enumerate(ordered)}
        return {key: sort(value[key], path + (key,))
                for key in sorted(value, key=lambda key: order.get(path + (key,), 0))}
    return BEGIN + "".join(rows(sort(values), schema, schema["definitions"], ordered))


def page(text, table_text):
    """`text` with its table replaced."""
    begin = text.index(BEGIN)
    end = begin
    while end < len(text) and text[end] == "|":
        end = text.index("\n", end) + 1
    return text[:begin] + table_text + text[end:]
