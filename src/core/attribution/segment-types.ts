/** p_type of the program headers attribution asks about (ELF specification, chapter 5). */
export const segmentTypes = { load: 1, tls: 7 } as const;
