/** Controls of the editor's own look: the only file that knows @vscode/webview-ui-toolkit. */
import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeTextField,
  type Button,
  type Dropdown,
  type Option,
  type TextField,
} from "@vscode/webview-ui-toolkit";
import type { ChoiceSpec, ControlKit } from "./control-kit.js";

/** Registers the custom elements; once a page. */
export function toolkitControls(): ControlKit {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeDropdown(), vsCodeOption(), vsCodeTextField());
  return {
    button: ({ label, title, onClick }) => {
      const made = document.createElement("vscode-button");
      made.appearance = "secondary";
      made.title = title;
      made.ariaLabel = label.length < 2 ? title : label;
      made.textContent = label;
      made.addEventListener("click", onClick);
      return made;
    },
    choice: dropdown,
    toggles: dropdown,
    search: ({ label, placeholder, words, onInput, onEnter }) => {
      const field = document.createElement("vscode-text-field");
      field.placeholder = placeholder;
      // The toolkit names every field "Text field" when it enters the page, which is before this runs.
      queueMicrotask(() => {
        field.ariaLabel = label;
      });
      field.value = words;
      field.addEventListener("input", () => {
        onInput(field.value);
      });
      field.addEventListener("keydown", (event) => {
        if (event.key === "Enter") onEnter(event.shiftKey);
      });
      return {
        element: field,
        focus: () => {
          field.focus();
          field.control.select();
        },
      };
    },
  };
}

function dropdown({ label, options, selected, onChange }: ChoiceSpec): HTMLElement {
  const made = document.createElement("vscode-dropdown");
  made.ariaLabel = label;
  made.append(
    ...options.map(({ value, label: name }) => {
      const option = document.createElement("vscode-option");
      option.value = value;
      option.textContent = name;
      option.toggleAttribute("selected", value === selected);
      return option;
    }),
  );
  made.addEventListener("change", () => {
    onChange(made.value);
  });
  const around = document.createElement("span");
  around.className = "labelled";
  const words = document.createElement("span");
  words.ariaHidden = "true";
  words.textContent = label;
  around.append(words, made);
  return around;
}

/** So that the DOM's own functions know the tags. */
declare global {
  interface HTMLElementTagNameMap {
    "vscode-button": Button;
    "vscode-dropdown": Dropdown;
    "vscode-option": Option;
    "vscode-text-field": TextField;
  }
}
