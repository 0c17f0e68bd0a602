// A consent platform on the IAB's own published packages, as pages load one: stub first, then the API.
//
// Runs in the page (wall.ts bundles it). `cmp.tcf(purposes)` and `cmp.gpp(fields)` are the visitor's choice.

import { CmpApi as Gpp } from '@iabgpp/cmpapi';
import { CmpApi as Tcf } from '@iabtechlabtcf/cmpapi';
import { GVL, TCModel, TCString } from '@iabtechlabtcf/core';
import stub from '@iabtechlabtcf/stub';

const VENDOR = 755;
const purpose = (id: number): object => ({ id, name: `${id}`, description: '', illustrations: [] });
const vendors = {
  gvlSpecificationVersion: 3,
  vendorListVersion: 48,
  tcfPolicyVersion: 5,
  lastUpdated: '2026-01-01T00:00:00Z',
  purposes: Object.fromEntries(Array.from({ length: 11 }, (_, at) => [at + 1, purpose(at + 1)])),
  specialPurposes: {},
  features: {},
  specialFeatures: {},
  stacks: {},
  dataCategories: {},
  vendors: {
    [VENDOR]: { id: VENDOR, name: 'clinic', purposes: [1, 3, 7, 8], legIntPurposes: [], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [], urls: [], policyUrl: '', cookieMaxAgeSeconds: 0, usesCookies: false, cookieRefresh: false, usesNonCookieAccess: true },
  },
};

const page = window as any;
stub();
page.__gpp ??= () => undefined;
const tcf = new Tcf(2, 3, true);
const gpp = new Gpp(2, 3);
// The dialog is open, nothing is decided.
tcf.update('', true);

page.cmp = {
  tcf(purposes: number[]) {
    const model = new TCModel(new GVL(vendors as never));
    Object.assign(model, { cmpId: 2, cmpVersion: 3, consentLanguage: 'EN', isServiceSpecific: true, publisherCountryCode: 'DE', consentScreen: 1 });
    model.purposeConsents.set(purposes);
    model.vendorsDisclosed.set([VENDOR]);
    if (purposes.length) model.vendorConsents.set([VENDOR]);
    tcf.update(TCString.encode(model), false);
  },
  gpp(fields: Record<string, number>) {
    for (const [name, value] of Object.entries(fields)) gpp.setFieldValue('usnat', name, value);
    gpp.setApplicableSections([7]);
    gpp.setSignalStatus('ready' as never);
    gpp.fireSectionChange('usnat');
  },
};
