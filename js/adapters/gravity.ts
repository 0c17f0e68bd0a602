/**
 * Gravity Forms, by whichever of its three transports: "Next" and "Previous" name a target page,
 * and are no submissions. Outcomes show in the page, where the plan's selectors find them.
 */

import type { Hands } from '../parts/adapt';

export default ({ veto }: Hands): void =>
  veto((form) => {
    const target = Element.prototype.querySelector.call(form, '[name^=gform_target_page_number]') as HTMLInputElement | null;
    return !!target && target.value !== '0';
  });
