/** What a matcher takes: the sections of the inputs, in the order of the link. */

export interface InputSection {
  /** `main.o`, or `libx.a(m.o)` of a member. */
  readonly file: string;
  readonly name: string;
  /** PROGBITS, NOBITS …: without SHT_. */
  readonly type: string;
  /** As readelf writes them: AX, WA … */
  readonly flags: string;
  /** Bytes, where it is known. */
  readonly size?: number;
}
