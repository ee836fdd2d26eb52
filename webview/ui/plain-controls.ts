/** Controls of plain elements: what the HTML report uses, which has no toolkit. */
import type { ButtonSpec, ControlKit } from "./control-kit.js";

export const plainControls: ControlKit = {
  button: plainButton,
  choice: ({ label, options, selected, onChange }) => {
    const select = document.createElement("select");
    for (const option of options) {
      select.add(new Option(option.label, option.value, false, option.value === selected));
    }
    select.addEventListener("change", () => {
      onChange(select.value);
    });
    const around = document.createElement("label");
    around.append(label, select);
    return around;
  },
  toggles: ({ label, options, selected, onChange }) => {
    const group = document.createElement("span");
    group.className = "choice";
    group.role = "group";
    group.ariaLabel = label;
    const buttons = options.map(({ value, label: name, title = name }) => {
      const one = plainButton({
        label: name,
        title,
        onClick: () => {
          for (const other of buttons) other.ariaPressed = String(other === one);
          onChange(value);
        },
      });
      one.ariaPressed = String(value === selected);
      return one;
    });
    group.append(...buttons);
    const around = document.createElement("span");
    around.className = "heat-by";
    around.append(label, group);
    return around;
  },
  search: ({ label, placeholder, words, onInput, onEnter }) => {
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = placeholder;
    input.ariaLabel = label;
    input.value = words;
    input.addEventListener("input", () => {
      onInput(input.value);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      onEnter(event.shiftKey);
    });
    return {
      element: input,
      focus: () => {
        input.focus();
        input.select();
      },
    };
  },
};

function plainButton({ label, title, onClick }: ButtonSpec): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.title = title;
  made.textContent = label;
  made.addEventListener("click", onClick);
  return made;
}
