import { ErrorMessage, Field, Form, Formik } from 'formik';
import { createRoot } from 'react-dom/client';

const App = () => (
  <Formik
    initialValues={{ name: '', phone: '' }}
    validate={({ phone }) => (phone.length < 9 ? { phone: 'too short' } : {})}
    onSubmit={async (values, { resetForm, setStatus }) => {
      await fetch('/api', { method: 'POST', body: JSON.stringify(values) });
      resetForm();
      setStatus('done');
    }}
  >
    {({ status }) => (
      <>
        <Form id="lead">
          <Field name="name" />
          <Field name="phone" />
          <ErrorMessage name="phone" component="div" className="field-error" />
          <button type="submit">Send</button>
        </Form>
        {status && <p className="done">Thank you</p>}
      </>
    )}
  </Formik>
);

createRoot(document.querySelector('#app')!).render(<App />);
