// The part of the address behind # is sent to no server and stands in no log; here it leaves the history, too.

const key = location.hash.slice(1);
if (key) {
  history.replaceState(null, "", location.pathname);
  const [form] = document.forms;
  /** @type {HTMLInputElement} */ (form.elements.namedItem("key")).value = key;
  form.submit();
}
