import $ from 'jquery';

Object.assign(window, { jQuery: $, $ });
document.querySelector('#app')!.innerHTML = '<form id="lead" method="post" action="/send" data-parsley-validate><input name="name" data-parsley-required><input name="phone" data-parsley-minlength="9"><button>Send</button></form>';
// It wants jQuery as a global before it runs.
void import('parsleyjs').then(() => ($('#lead') as any).parsley());
