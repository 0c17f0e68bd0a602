import type { FormPage } from '../page';
import { FRAMEWORKS } from './frameworks';
import { HOSTILE } from './hostile';
import { LATER } from './later';
import { NATIVE } from './native';
import { NO_LEADS } from './no-leads';
import { REQUEST } from './request';
import { SHOWN } from './shown';
import { STRUCTURE } from './structure';
import { VALIDATION } from './validation';
import { VENDORS } from './vendors';

export const PAGES: FormPage[] = [...NATIVE, ...REQUEST, ...VALIDATION, ...SHOWN, ...LATER, ...STRUCTURE, ...NO_LEADS, ...HOSTILE, ...FRAMEWORKS, ...VENDORS];
