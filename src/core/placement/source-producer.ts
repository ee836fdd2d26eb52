/** How a file was compiled, from what the compiler recorded (DW_AT_producer) or a build recorded of its command line. */

/** The command without its output, its dependency files and the file itself. */
export function compilerOptions(argv: readonly string[], file: string): readonly string[] {
  const kept: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at]!;
    if (/^(?:-o|-MF|-MT|-MQ|-dumpdir|-dumpbase)$/.test(word)) at++;
    else if (!/^(?:-c|-S|-E|-M{1,2}[DP]?|-MG|-MP|-save-temps.*|-o.+|-M[FTQ].+|--)$/.test(word) && word !== file)
      kept.push(word);
  }
  return kept;
}

/** undefined: nobody known, or what it was given is not recorded. Only options of how code is made are believed. */
export function producedBy(producer: string, language: number, source: string): readonly string[] | undefined {
  if (producer.includes("rustc")) {
    return source.endsWith(".rs") ? ["rustc", "--edition", "2021", "--crate-type", "lib"] : undefined;
  }
  const cpp = CPP.has(language);
  const words = producer.split(/\s+/);
  const options = words.filter((word) => CODE_OPTION.test(word));
  const gcc = /^GNU C(?:\+\+)?\d* (\d+)\./.exec(producer);
  if (gcc !== null) return [cpp ? "g++" : "gcc", ...options];
  if (!/\bclang version (\d+)\./.test(producer)) return undefined;
  // clang records options only where it is asked to (-grecord-command-line): then with their paths.
  const paths = words.filter((word) => /^-(?:I|D|U)[\w./=+-]+$/.test(word));
  return [cpp ? "clang++" : "clang", ...options, ...paths];
}

/** Options without files and programs in them: a file's debug information is nobody to run those for. */
const CODE_OPTION =
  /^-(?:O(?:[0-3sgz]|fast)?|std=[\w+]+|m(?:arch|tune|cpu|fpu|abi|float-abi|cmodel)=[\w.+-]+|m(?:no-)?(?:sse|avx|fma|bmi|32$|64$)[\w.-]*|f(?:no-)?(?:pic|PIC|pie|PIE|exceptions|rtti|short-enums|common|function-sections|data-sections|strict-aliasing|inline|permissive|char8_t|concepts|coroutines|openmp|signed-char|unsigned-char|zero-initialized-in-bss|jump-tables))$/;
const CPP: ReadonlySet<number> = new Set([0x04, 0x1a, 0x21, 0x2b, 0x3a]);
