import { expect, it } from "vitest";
import { labelText } from "../../../../src/core/report/label-text.js";

it("leaves what is no icon as it is", () => {
  expect(labelText("std::map<int, $x> (of build)")).toBe("std::map<int, $x> (of build)");
});

it("writes what would become an icon the way the editor shows it as text", () => {
  expect(labelText("$(trash)$(sync~spin)")).toBe("\\$(trash)\\$(sync~spin)");
});

it("makes control and direction characters visible, and cuts long names", () => {
  expect(labelText("a\u001b[31m\u202eb")).toBe("a\\u{1b}[31m\\u{202e}b");
  expect(labelText("x".repeat(1 << 20), 60)).toHaveLength(60);
});
