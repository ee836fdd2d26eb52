import { expect, it } from "vitest";
import { decodeForecast, type LockForecast } from "../../../../src/core/memlock/lock-forecast.js";
import { lockWarningText } from "../../../../src/core/report/lock-text.js";
import { english } from "../../../../src/core/report/translate.js";

const FORECAST: LockForecast = {
  version: 1,
  kind: "forecast",
  pid: 12,
  name: "server",
  what: "all memory (current)",
  bytes: 8192,
  warnings: [
    { kind: "v8", program: "node\u001b[2J" },
    { kind: "future-limit", leftBytes: 4096 },
    { kind: "limit", neededBytes: 12288, limitBytes: 8192 },
    { kind: "own-mlockall" },
  ],
  missing: ["libm.so.6 is not loaded"],
};

it("a forecast is read as it was printed", () => {
  expect(decodeForecast(JSON.stringify(FORECAST))).toEqual(FORECAST);
});

it("what is none is not taken for one", () => {
  for (const text of ["", "{}", "[]", '{"version":1}', JSON.stringify({ ...FORECAST, version: 2 })])
    expect(decodeForecast(text)).toBeUndefined();
  for (const field of ["pid", "bytes", "what", "kind"])
    expect(decodeForecast(JSON.stringify({ ...FORECAST, [field]: undefined }))).toBeUndefined();
  expect(decodeForecast(JSON.stringify({ ...FORECAST, warnings: [{ kind: "other" }, 3] }))?.warnings).toEqual([]);
});

it("each warning is a sentence, and no name in it reaches a terminal's controls", () => {
  for (const warning of FORECAST.warnings) {
    const sentence = lockWarningText(warning, english);
    expect(sentence).toMatch(/\.$/);
    expect(sentence).not.toMatch(/\p{Cc}/u);
  }
});
