import $ from 'jquery';

document.querySelector('#app')!.innerHTML = '<form id="lead"><input name="name"><input name="phone"><button>Send</button><span class="error"></span></form>';
$('#lead').on('submit', function () {
  const form = $(this);
  if (String(form.find('[name=phone]').val()).length < 9) {
    form.find('.error').text('too short');
    return false;
  }
  $.post('/api', form.serialize()).done(() => form.replaceWith('<p class="done">Thank you</p>'));
  return false;
});
