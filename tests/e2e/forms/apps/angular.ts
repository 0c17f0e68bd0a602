// By its compiler in the page: a build of its own would be the slowest test of all.
import '@angular/compiler';
import { Component, provideZonelessChangeDetection, signal } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule, Validators } from '@angular/forms';
import { bootstrapApplication } from '@angular/platform-browser';

class App {
  done = signal(false);
  tried = signal(false);
  lead = new FormGroup({ name: new FormControl('', Validators.required), phone: new FormControl('', Validators.minLength(9)) });
  async send(): Promise<void> {
    this.tried.set(true);
    if (this.lead.invalid) return;
    await fetch('/api', { method: 'POST', body: JSON.stringify(this.lead.value) });
    this.lead.reset();
    this.tried.set(false);
    this.done.set(true);
  }
}
const Decorated = Component({
  selector: 'x-app',
  imports: [ReactiveFormsModule],
  template: `<form id="lead" [formGroup]="lead" (ngSubmit)="send()">
      <input name="name" formControlName="name"><input name="phone" formControlName="phone">
      @if (tried() && lead.invalid) { <small>too short</small> }
      <button>Send</button>
    </form>
    @if (done()) { <p class="done">Thank you</p> }`,
})(App) as unknown as typeof App;

document.querySelector('#app')!.innerHTML = '<x-app></x-app>';
void bootstrapApplication(Decorated ?? App, { providers: [provideZonelessChangeDetection()] });
