// Runs first on every page of the test site, with and without touchmark: writes down what a page's
// own code can observe of a submission, and every fault. The two trails must be equal.

(() => {
  const store = (line) => sessionStorage.setItem('trail', `${sessionStorage.getItem('trail') ?? ''}${line}\n`);
  const nameOf = (node) => (node?.nodeType === 1 ? `${node.localName}${Element.prototype.getAttribute.call(node, 'name') ? `[${Element.prototype.getAttribute.call(node, 'name')}]` : ''}` : node === document ? 'document' : '');
  window.note = (...of) => store(`${location.pathname} note ${of.join(' ')}`);
  // `load` and the like stay out: they tell of the network's speed.
  for (const type of ['submit', 'formdata', 'invalid', 'reset', 'change', 'focusin']) {
    for (const capture of [true, false]) {
      addEventListener(
        type,
        (event) => {
          const data = type === 'formdata' ? [...event.formData.keys()] : '';
          store(`${location.pathname} ${type} ${capture} ${event.eventPhase} ${nameOf(event.target)} ${nameOf(event.submitter)} ${event.defaultPrevented} ${event.isTrusted} at ${nameOf(document.activeElement)} ${data}`);
        },
        capture,
      );
    }
  }
  addEventListener('error', (event) => store(`${location.pathname} error ${event.message}`));
  addEventListener('unhandledrejection', (event) => store(`${location.pathname} rejection ${event.reason}`));
  const { error } = console;
  console.error = (...of) => {
    store(`${location.pathname} console.error ${of.map((one) => `${one}`.slice(0, 200)).join(' ')}`);
    error.apply(console, of);
  };
})();
