/** Names that a script declares before it may use them, and what was asked of them: an item that asked may read otherwise after an edit. */

export interface Question {
  readonly name: string;
  readonly isDeclared: boolean;
}

export class Declarations {
  readonly asked: Question[] = [];
  /** In their order, some of them twice. */
  readonly declared: string[] = [];
  private readonly names = new Set<string>();

  has(name: string): boolean {
    const isDeclared = this.names.has(name);
    this.asked.push({ name, isDeclared });
    return isDeclared;
  }

  add(name: string): void {
    this.names.add(name);
    this.declared.push(name);
  }

  /** Whether each question is answered as it was. */
  answersAlike(questions: readonly Question[]): boolean {
    return questions.every(({ name, isDeclared }) => this.names.has(name) === isDeclared);
  }

  /** As if an item that asked and declared these had been read. */
  repeat(questions: readonly Question[], declared: readonly string[]): void {
    for (const question of questions) this.asked.push(question);
    for (const name of declared) this.add(name);
  }
}
