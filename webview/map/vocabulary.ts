/** What a map counts, in words: faults, pages that came in, or the symbols of a file nobody has run. */
import { duration, grouped } from "../../src/core/report/quantities.js";
import type { HeatBy } from "./heat.js";

export type Counted = "faults" | "pages" | "symbols";

export interface Vocabulary {
  /** What colours a page at first; the choices a person has. */
  readonly heats: readonly HeatBy[];
  /** Heading of the number of pages. */
  readonly pages: string;
  /** A page that is mapped and not counted, and a stretch of them. */
  readonly quiet: string;
  readonly gap: string;
  /** What the legend calls the first colours and the quiet ones. */
  readonly legendQuiet: string;
  /** For headings of lists with amounts. */
  readonly amounts: string;
  /** The page's cost in a few words. */
  cost(cost: Cost): string;
  /** The same in front of a section's name inside a page; "" says nothing. */
  inCell(count: number): string;
  amount(count: number, pages: number): string;
  /** "1,204 faults on 31 pages" */
  total(count: number, pages: number): string;
}

export interface Cost {
  readonly faults: number;
  readonly major: number;
  readonly timeNs: number;
}

export function vocabulary(counted: Counted): Vocabulary {
  return VOCABULARIES[counted];
}

const VOCABULARIES: Readonly<Record<Counted, Vocabulary>> = {
  faults: {
    heats: ["faults", "time"],
    pages: "Pages with faults",
    quiet: "no fault",
    gap: "without a fault",
    legendQuiet: "mapped, no fault",
    amounts: "faults on pages",
    cost: ({ faults, major, timeNs }) =>
      [
        count(faults, "fault"),
        ...(major > 0 ? [`${grouped(major)} major`] : []),
        ...(timeNs > 0 ? [duration(timeNs)] : []),
      ].join(" · "),
    inCell: (faults) => count(faults, "fault"),
    amount: (faults, pages) => `${grouped(faults)} on ${grouped(pages)}`,
    total: (faults, pages) => `${count(faults, "fault")} on ${count(pages, "page")}`,
  },
  pages: {
    heats: ["faults"],
    pages: "Pages that came in",
    quiet: "did not come in",
    gap: "that did not come in",
    legendQuiet: "mapped",
    amounts: "pages",
    cost: () => "came in",
    inCell: () => "",
    amount: (_, pages) => grouped(pages),
    total: (_, pages) => `${count(pages, "page")} came in`,
  },
  symbols: {
    heats: ["symbols"],
    pages: "Pages",
    quiet: "no symbol",
    gap: "without a symbol",
    legendQuiet: "no symbol",
    amounts: "bytes",
    cost: ({ faults }) => (faults === 0 ? "no symbol" : count(faults, "symbol")),
    inCell: (symbols) => (symbols === 0 ? "" : count(symbols, "symbol")),
    amount: (_, pages) => grouped(pages),
    total: (symbols, pages) => `${count(symbols, "symbol")} on ${count(pages, "page")}`,
  },
};

function count(number: number, thing: string): string {
  return `${grouped(number)} ${number === 1 ? thing : `${thing}s`}`;
}
