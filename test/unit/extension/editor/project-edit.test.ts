import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sourceMapEdit } from "../../../../src/extension/editor/project-edit.js";

function edited(text: string, from = "/build", to = "."): string {
  const edit = sourceMapEdit(text, from, to)!;
  return text.slice(0, edit.offset) + edit.text + text.slice(edit.offset + edit.length);
}

describe("a source mapping written into faultline.json", () => {
  it("makes a file that was empty", () => {
    expect(edited("")).toBe('{\n  "sourceMap": {\n    "/build": "."\n  }\n}\n');
  });

  it("comes after the last member, indented as that one is", () => {
    expect(edited('{\n    "program": "a"\n}\n')).toBe(
      '{\n    "program": "a",\n    "sourceMap": {\n        "/build": "."\n    }\n}\n',
    );
    expect(edited('{\n\t"budget": 0\n}')).toBe('{\n\t"budget": 0,\n\t"sourceMap": {\n\t\t"/build": "."\n\t}\n}');
  });

  it("joins the mappings that are there", () => {
    expect(edited('{\n  "sourceMap": {\n    "/a": "b"\n  },\n  "budget": 0\n}')).toBe(
      '{\n  "sourceMap": {\n    "/a": "b",\n    "/build": "."\n  },\n  "budget": 0\n}',
    );
    expect(edited('{ "sourceMap": { "/a": "b" } }')).toBe('{ "sourceMap": { "/a": "b", "/build": "." } }');
  });

  it("replaces the folder of a mapping, and nothing else", () => {
    expect(edited('{"sourceMap":{"/build" :  "old", "/c":"d"}}')).toBe('{"sourceMap":{"/build" :  ".", "/c":"d"}}');
  });

  it("keeps line ends, blank lines and odd spacing elsewhere", () => {
    expect(edited('{\r\n  "a" : [ 1,2 ,{"}":"]"} ],\r\n\r\n  "b": true\r\n}\r\n')).toBe(
      '{\r\n  "a" : [ 1,2 ,{"}":"]"} ],\r\n\r\n  "b": true,\r\n  "sourceMap": {\r\n    "/build": "."\r\n  }\r\n}\r\n',
    );
  });

  it("is refused where the text is not a JSON object", () => {
    for (const text of ["[]", "{", '{"a":1,}', "null", '{} // "sourceMap"']) {
      expect(sourceMapEdit(text, "/a", "b")).toBeUndefined();
    }
  });

  it("changes what the text says in that one place, for any JSON and any indentation", () => {
    const root = fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true });
    const map = fc.option(
      fc.oneof(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), fc.jsonValue()),
      {
        nil: undefined,
      },
    );
    fc.assert(
      fc.property(
        root,
        map,
        fc.string(),
        fc.string(),
        fc.constantFrom(0, 1, 2, 4, "\t"),
        (rest, old, from, to, indent) => {
          fc.pre(from !== "__proto__" && !Object.hasOwn(rest, "sourceMap"));
          const value: Record<string, unknown> = old === undefined ? rest : { ...rest, sourceMap: old, last: [1] };
          const mappings = typeof old === "object" && old !== null && !Array.isArray(old) ? old : {};
          const text = JSON.stringify(value, undefined, indent);
          // What JSON cannot hold, such as -0, is not this edit's doing.
          const before = JSON.parse(text) as Record<string, unknown>;
          const kept = JSON.parse(JSON.stringify(mappings)) as Record<string, unknown>;
          expect(JSON.parse(edited(text, from, to))).toEqual({ ...before, sourceMap: { ...kept, [from]: to } });
        },
      ),
    );
  });
});
