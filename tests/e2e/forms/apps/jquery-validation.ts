import $ from 'jquery';
import 'jquery-validation';

document.querySelector('#app')!.innerHTML = '<form id="lead" method="post" action="/send"><input name="name" required><input name="phone" minlength="9"><button>Send</button></form>';
// By documented habit: form.submit() of the element, which fires no submit event.
($('#lead') as any).validate({ submitHandler: (form: HTMLFormElement) => form.submit() });
