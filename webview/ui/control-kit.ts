/** The controls a view asks for, whoever makes them: the toolkit in the editor, plain elements in the report. */

export interface ControlKit {
  button(of: ButtonSpec): HTMLElement;
  /** One of many. */
  choice(of: ChoiceSpec): HTMLElement;
  /** One of a few that are all in sight where there is room for them. */
  toggles(of: ChoiceSpec): HTMLElement;
  search(of: SearchSpec): SearchControl;
}

export interface ButtonSpec {
  readonly label: string;
  /** What it does, and its key. */
  readonly title: string;
  onClick(): void;
}

export interface ChoiceSpec {
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly label: string; readonly title?: string }[];
  readonly selected: string;
  onChange(value: string): void;
}

export interface SearchSpec {
  readonly label: string;
  readonly placeholder: string;
  readonly words: string;
  onInput(words: string): void;
  onEnter(backwards: boolean): void;
}

export interface SearchControl {
  readonly element: HTMLElement;
  focus(): void;
}
