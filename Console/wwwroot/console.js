// Keys and copying. Each is found by an attribute, so that pages need no script of their own.
const isTyping = target => target.closest?.("input, textarea, select, [contenteditable], fluent-text-input, fluent-textarea, fluent-dropdown");
const help = () => document.getElementById("key-help");

document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) {
    return;
  }

  const target = event.composedPath()[0];
  if (isTyping(target)) {
    if (event.key === "Escape") {
      target.blur();
    }

    return;
  }

  if (event.key === "?") {
    event.preventDefault();
    help()?.open ? help().close() : help()?.showModal();
  } else if (document.querySelector("dialog[open]")) {
    return;
  } else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  } else if (/^[a-z]$/.test(event.key)) {
    document.querySelector(`nav a[data-key="${event.key}"]`)?.click();
  }
});

document.addEventListener("click", async event => {
  const button = event.target.closest?.("[data-copy], [data-help]");
  if (button?.hasAttribute("data-help")) {
    help()?.showModal();
  } else if (button) {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
    } catch {
      // Without https the browser has no clipboard for pages: the text is shown to be copied by hand.
      window.prompt("Copy:", button.dataset.copy);
    }

    setTimeout(() => { button.textContent = label; }, 1500);
  }
});
