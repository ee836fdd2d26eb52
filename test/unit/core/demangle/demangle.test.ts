import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { demangle } from "../../../../src/core/demangle/demangle.js";
import { build } from "../../../support/elf-programs.js";

/** Names in the symbol tables of a file, each once. */
function namesIn(file: string, start: string): string[] {
  const read = (...options: string[]): string =>
    execFileSync("nm", [...options, file], {
      encoding: "utf8",
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
  const names = `${read("-D")}\n${read()}`.split("\n").map((line) => line.replace(/^.* /, "").replace(/@.*/, ""));
  return [...new Set(names.filter((name) => name.startsWith(start)))];
}

function llvmNames(names: readonly string[]): string[] {
  const input = `${names.join("\n")}\n`;
  return execFileSync("llvm-cxxfilt-19", { input, encoding: "utf8", maxBuffer: 2 ** 28 })
    .trimEnd()
    .split("\n");
}

function differences(names: readonly string[]): string[] {
  const theirs = llvmNames(names);
  return names.flatMap((name, index) => (demangle(name) === theirs[index] ? [] : [`${name}: ${demangle(name)}`]));
}

it("C++ names read as llvm-cxxfilt prints them: the standard library and programs of gcc and clang", () => {
  const files = [
    "/usr/lib/x86_64-linux-gnu/libstdc++.so.6",
    build({ source: "cpp", command: ["g++", "-g", "-O0"] }),
    build({ source: "cpp", command: ["clang++-19", "-g", "-O0", "-std=c++20"] }),
  ].filter((file) => existsSync(file));
  const names = files.flatMap((file) => namesIn(file, "_Z"));
  expect(names.length).toBeGreaterThan(3000);
  expect(differences(names)).toEqual([]);
});

it("Rust v0 names read as llvm-cxxfilt prints them", () => {
  const names = namesIn(build({ source: "rust", command: ["rustc", "-g", "-O"] }), "_R");
  expect(names.length).toBeGreaterThan(500);
  expect(differences(names)).toEqual([]);
});

it("the rare parts of the C++ grammar read as llvm-cxxfilt prints them", () => {
  expect(differences(RARE)).toEqual([]);
  expect(RARE.filter((name) => demangle(name) === name)).toEqual([]);
});

it.each([
  ["_ZN4core3fmt5write17h0123456789abcdefE", "core::fmt::write"],
  ["_ZN35_$LT$c..Cat$u20$as$u20$c..Speak$GT$5speak17hd260e43c08171875E", "<c::Cat as c::Speak>::speak"],
  ["_ZN4core3ptr23drop_in_place$LT$u8$GT$17hceb8436f6952e927E.llvm.123", "core::ptr::drop_in_place<u8> (.llvm.123)"],
  ["_ZN3foo12_$u7b$a$u7d$17hceb8436f6952e927E", "foo::{a}"],
  ["_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y", "utf8_idents::საჭმელად_გემრიელი_სადილი"],
])("%s is %s", (name, readable) => {
  expect(demangle(name)).toBe(readable);
});

it.each(["main", "", "_Z", "_ZN", "_R", "_Zq", "_ZNSt", "printf@plt", "_RNvC"])(
  "what is not mangled stays as it is: %j",
  (name) => {
    expect(demangle(name)).toBe(name);
  },
);

it("hostile names come back as they are, soon", { timeout: 20_000 }, () => {
  const doubling = `_Z1fI${"S_".repeat(3)}${Array.from({ length: 60 }, (_, n) => `1aIS${n.toString(36).toUpperCase()}_S${n.toString(36).toUpperCase()}_E`).join("")}E`;
  const nested = `_Z1f${"P".repeat(60_000)}i`;
  const rust = `_RIC1a${Array.from({ length: 40 }, (_, n) => `TB${n > 0 ? (n * 6).toString(36) : ""}_B_E`).join("")}E`;
  const names = [
    doubling,
    nested,
    rust,
    `_Z${"N".repeat(50_000)}`,
    `_ZN${"1a".repeat(30_000)}E`,
    "_Z1f".padEnd(200_000, "i"),
  ];
  names.forEach((name) => demangle(name));
  expect(demangle(nested)).toBe(nested);
});

it("every prefix and every changed byte of a name is taken without an exception", () => {
  const names = namesIn(build({ source: "cpp", command: ["g++", "-g", "-O0"] }), "_Z").slice(0, 60);
  for (const name of [...names, ...RARE]) {
    for (let length = 0; length < name.length; length += 3) demangle(name.slice(0, length));
    for (let at = 2; at < name.length; at += 5)
      demangle(`${name.slice(0, at)}${"EITSXL_9"[at % 8]}${name.slice(at + 1)}`);
  }
});

const RARE = [
  "_Z1fPFvvEPA3_iMN1A1BEKFiiEM1Ci",
  "_Z1fRA10_KcOA2_A3_d",
  "_ZN1AcvT_IiEEv",
  "_ZN1AcvPFivEEv",
  "_ZNKO1A1fEv",
  "_ZNVKR1A1fEz",
  "_Zli2_kmy",
  "_ZTv0_n24_N1B1fEv",
  "_ZThn16_N1B1fEv",
  "_ZTch0_v0_n24_N1B1fEv",
  "_ZTC1D0_1B",
  "_ZTW3foo",
  "_ZTH3foo",
  "_ZGVZ1fvE1x_0",
  "_ZGR1x_",
  "_ZGR1x0_",
  "_Z1fIJidEEvDpT_",
  "_Z1fIJEEvDpT_",
  "_Z1fIiEDTcl1gfp_EET_",
  "_Z1fILi3EEvRAT__c",
  "_Z1fILin3EEvv",
  "_Z1fILb1ELc97ELj5ELm6ELx7EEvv",
  "_Z1fILd3ff8000000000000EEvv",
  "_Z1fILf3fc00000EEvv",
  "_Z1fIXadL_Z1gvEEEvv",
  "_Z1fIXsr1AIiEE5valueEEvv",
  "_Z1fIiEvNSt9enable_ifIXgtstT_Li2EEvE4typeE",
  "_Z1fIJicEEvDTspfp_E",
  "_Z1fIiEDTdtfp_1xET_",
  "_Z1fIiEDTptfp_1xET_",
  "_Z1fIiEDTquLb1ELi1ELi2EET_",
  "_Z1fIiEDTnw_T_EET_",
  "_Z1fIJiEEDTfrplT_EDpS0_",
  "_Z1fIJiEEDTflaaT_EDpS0_",
  "_Z1fIiEDTcvT_Li3EES0_",
  "_Z1fIiEDTscT_Li3EES0_",
  "_Z1fIiEDTtlT_Li3EEES0_",
  "_Z1fIiEvDTsZT_E",
  "_ZZ1fvENKUlvE_clEv",
  "_ZZ1fvENKUlT_E_clIiEEDaS_",
  "_ZZ1fvENKUlTyT_E_clIiEEDaS_",
  "_ZNK1AUt_1fEv",
  "_ZN12_GLOBAL__N_11fEv",
  "_ZN1AB5cxx111fB3fooEv",
  "_ZNSsC1Ev",
  "_ZNSaIcED1Ev",
  "_ZNSolsEi",
  "_Z1fDnDiDsDuDa",
  "_Z1fDv4_f",
  "_Z1fDF16_",
  "_Z1fCf",
  "_Z1fU3fooPi",
  "_Z1fM1AKFvvREM1BFivOE",
  "_Z1fPDoFvvE",
  "_Z1fPKVrPi",
  "_ZDC1a1bE",
  "_Z3foov.isra.0",
  "_Z3foov.part.1.cold",
  "_ZStrsIcSt11char_traitsIcESaIcEERSt13basic_istreamIT_T0_ES7_RNSt7__cxx1112basic_stringIS4_S5_T1_EE",
  "_ZN1A1BIiEC2IdEERKS_IT_E",
  "_ZSt7forwardIRA6_KcEOT_RNSt16remove_referenceIS3_E4typeE",
];
