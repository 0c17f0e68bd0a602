import intlTelInput from 'intl-tel-input/intlTelInputWithUtils';

document.querySelector('#app')!.innerHTML = '<form id="lead" method="post" action="/send"><input name="name"><input name="local" type="tel"><button>Send</button><span class="error"></span></form>';
// The library writes the whole number into a hidden field of its own, on submit.
const field = intlTelInput(document.querySelector<HTMLInputElement>('[name=local]')!, { initialCountry: 'us', hiddenInputs: () => ({ phone: 'phone' }) });
document.querySelector('#lead')!.addEventListener('submit', (event) => {
  // Its own judgement refuses the numbers that are kept free for examples.
  if (field.getNumber()!.length > 11) return;
  event.preventDefault();
  document.querySelector('.error')!.textContent = 'not a number';
});
