/** "/" leads to the search field from anywhere in the page, but where something is being typed. */

export function onSearchKey(search: () => void): void {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    event.preventDefault();
    search();
  });
}

/** The toolkit's field is a custom element: what is typed into is inside it. */
function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement;
}
