/** Types of https://touchmark.dev/schema/event/1-0-0. Written by `touchmark schema types`; never edited by hand. */

/** A moment as RFC 3339 date-time, with its offset; pages write UTC with milliseconds. */
export type Instant = string;

/** Id of an event from a page: a UUID v5 in lower case, over the document's nonce and type/subject/intent. */
export type PageEventId = string;

/** SHA-256 of a normalised value, as 64 hexadecimal digits in lower case. */
export type Sha256 = string;

/** A name that the team chose in its plan, for a page or a form. `undeclared` stands for what the plan doesn't know. */
export type Slug = string;

/** Name of a contract or of a field in it. */
export type Name = string;

/** One value from a landing URL, as it was sent, cut at 512. */
export type Mark = string;

/** How many times, counted from 1, the visitor has meant to do this on this document. */
export type Intent = number;

/** Where it happened: an id from the plan, never a URL, since a path can name a condition or a person. */
export type Page = {
  id: Slug;
};

/** The click id of an ad platform, as the landing URL carried it. */
export type ClickId = {
  /** Name of the query parameter, such as gclid. */
  param: string;
  /** Platform that sets this parameter, such as google_ads. */
  platform: string;
  /** The id itself. */
  value: Mark;
};

/** One attributable arrival. It is read whole from one landing, so that campaign and click id never come from different visits. */
export type Touch = {
  /** When the visitor landed. */
  at: Instant;
  /** Id of the page that they landed on. */
  page: Slug;
  /** utm_source: who sent the visitor. */
  source?: Mark;
  /** utm_medium: by what kind of link. */
  medium?: Mark;
  /** utm_campaign: name of the campaign. */
  campaign?: Mark;
  /** utm_term: paid search term. */
  term?: Mark;
  /** utm_content: which ad or link of the campaign. */
  content?: Mark;
  /** utm_id: id of the campaign in the ad platform. */
  id?: Mark;
  /** utm_source_platform: platform that bought the ad. */
  source_platform?: Mark;
  /** utm_creative_format: kind of creative. */
  creative_format?: Mark;
  /** utm_marketing_tactic: targeting behind the ad. */
  marketing_tactic?: Mark;
  click_id?: ClickId;
  /** Host of the page that the visitor came from; never its path or query. */
  referrer?: string;
  /** Channel by the team's rules, in words for people, such as Paid Search. */
  channel: string;
  /** The rule that chose the channel. */
  rule: string;
};

/** The touches behind this event. A visitor who came directly, and never otherwise, has none: {}. */
export type Attribution = {
  /** The first touch that is remembered. */
  first?: Touch;
  /** The latest touch. */
  last?: Touch;
  /** The latest touch that was paid for. */
  last_paid?: Touch;
};

/** The visitor's answer for one purpose; only `granted` allows it. */
export type Decision = 'granted' | 'denied' | 'withdrawn' | 'unknown';

/** Opt-in state when the event was made. An event without the grant to send doesn't exist, so `send` is always granted. */
export type Consent = {
  /** May keep facts in the browser. */
  store: Decision;
  /** May tell which campaign brought the visitor. */
  attribute: Decision;
  /** May send hashed contact data. */
  identify: Decision;
  /** May send events at all. */
  send: 'granted';
  /** Where the answer came from: the page's call, a plan that says no consent is needed, or the consent platforms that the plan asks, joined by `+`. */
  source: string;
};

/** Coarse class of the device; nothing finer is read. */
export type Device = 'mobile' | 'tablet' | 'desktop';

/** Codes of what went wrong on the way, such as unexpanded_macro: an ad platform sent its placeholder. Never with values. */
export type Diagnostics = string[];

/** What made the event, so that any system can recompute its id and repeat its verdict. */
export type Tracker = {
  /** Always touchmark. */
  name: 'touchmark';
  /** Version of the tracker. */
  version: string;
  /** Random name of the document, the namespace of its ids; not of the visitor. */
  nonce: string;
  /** Hash of the built plan. */
  plan: string;
  /** Date of the tables of click ids and channels. */
  tables: string;
};

/** Fields by their names in the contract, as each one's x-touchmark.collect says. The wire schema derived from the contract judges them more closely. */
export type Fields = {
  [name: string]: string | number | boolean | string[];
};

/** One rule that a value broke. Without the value: what is wrong may be exactly what must not leave. */
export type Violation = {
  /** JSON pointer to the value in the fields as typed; empty for the whole. */
  instance: string;
  /** Keyword that refused it, such as required. */
  keyword: string;
  /** JSON pointer to that keyword in the contract. */
  schema: string;
};

/** The tracker's own verdict on the values as typed, by the contract. */
export type Validation = {
  /** What the contract says of the values. */
  verdict: 'valid' | 'invalid' | 'undeclared' | 'unread' | 'budget_exceeded';
  /** Every rule broken; there exactly when the verdict is invalid. */
  violations?: Violation[];
};

/** How far someone has come, in words that all systems share. Each stage is reached when the named system says so, and by nothing else. */
export type Stage = 'inquiry' | 'lead' | 'qualified' | 'scheduled' | 'patient' | 'referred';

/** Keys to find the submission by, where its id was not kept. E-mail and phone together where both are known; conflicts go to the CRM's record after review. */
export type Match = {
  /** SHA-256 of the e-mail address, trimmed and in lower case. */
  email_sha256?: Sha256;
  /** SHA-256 of the phone number, normalised as on the page. */
  phone_sha256?: Sha256;
  /** An id that both systems hold. Never a medical record number. */
  external_id?: string;
};

/** What every event of another system says. No free text: a note written by hand is where health data hides. */
export type Lifecycle = {
  /** Id of the form_submit that it belongs to, from the hidden field. */
  submission?: PageEventId;
  match?: Match;
  /** The system that says so, by the team's name for it. */
  system: string;
  /** Why, from the type's own list. */
  reason_code?: unknown;
  /** The campaign as that system has it; compared with the touch's own. Default: the submission's. */
  campaign_id?: Mark;
  /** The stage reached by this event. */
  stage?: Stage;
};

/** Service line that somebody asks for; the clinic's own list. */
export type ServiceLine = 'cardiology' | 'orthopedics' | 'pediatrics' | 'dermatology' | 'primary_care';

/** What somebody asks about. */
export type Topic = 'services' | 'locations' | 'insurance' | 'billing' | 'careers' | 'other';

/** Name as typed. */
export type PersonName = string;

/** E-mail address as typed. */
export type EmailAddress = string;

/** Phone number as typed: 7 to 15 digits with the usual separators (ITU-T E.164 allows 15). */
export type PhoneNumber = string;

/** What somebody wrote in their own words. */
export type FreeText = string;

/** A visitor arrived with a touch to attribute. Counts: the first view of a navigation. Does not count: reload, back and forward, a route change within the page. Subject: page id. */
export type LandingData = {
  page: Page;
  attribution?: Attribution;
  consent: Consent;
  device?: Device;
  diagnostics?: Diagnostics;
  tracker: Tracker;
};

/** A visitor sent a form. Counts as a lead: outcome not failed, no failed form_result, not named by a later retry_of. Does not count: an attempt that the browser or the page blocked, a second click, the handler's own re-submit. Subject: form id. */
export type FormSubmitData = {
  page: Page;
  attribution?: Attribution;
  /** The form and what became of it. */
  form: {
    /** The form's id in the plan, or undeclared. */
    id: Slug;
    /** The contract that judged it, under $defs.contracts. */
    contract?: Name;
    /** How many controls an undeclared form had. */
    controls?: number;
    intent: Intent;
    /** Id of the form_submit that this one tries again. */
    retry_of?: PageEventId;
    /** What was known when the event was sealed. */
    outcome: 'sent' | 'accepted' | 'failed' | 'unconfirmed';
    fields?: Fields;
  };
  validation: Validation;
  consent: Consent;
  device?: Device;
  diagnostics?: Diagnostics;
  tracker: Tracker;
};

/** The answer to a form_submit that went out as sent: the page that came back showed the declared signal. The first one wins. Does not count: back, forward, reload or any other page. Subject: form id. */
export type FormResultData = {
  page: Page;
  /** Which submission, and what became of it. */
  form: {
    /** The form's id in the plan. */
    id: Slug;
    /** Id of the form_submit. */
    submission: PageEventId;
    /** By the declared signals of the plan. */
    outcome: 'accepted' | 'failed';
  };
  consent: Consent;
  device?: Device;
  diagnostics?: Diagnostics;
  tracker: Tracker;
};

/** A visitor pressed a phone link. Counts: the press, once an intent. Does not count as a call: only call tracking knows whether one was placed (call_connected). The number never leaves. Subject: page id. */
export type CallClickData = {
  page: Page;
  attribution?: Attribution;
  /** The press, without the number. */
  call: {
    intent: Intent;
  };
  consent: Consent;
  device?: Device;
  diagnostics?: Diagnostics;
  tracker: Tracker;
};

/** The page's own booking tool says that a slot was taken. A claim of the page: scheduling confirms it by appointment_created. Does not count: a request for an appointment, which is a form_submit. Subject: page id. */
export type AppointmentBookedData = {
  page: Page;
  attribution?: Attribution;
  /** What the page recorded. */
  record: {
    /** The contract that judged it, under $defs.contracts. */
    contract: Name;
    intent: Intent;
    fields: Fields;
  };
  validation: Validation & {
    verdict?: 'valid' | 'invalid';
  };
  consent: Consent;
  device?: Device;
  diagnostics?: Diagnostics;
  tracker: Tracker;
};

/** Call tracking says that a call from a tracked number was answered. Does not count: a missed call, or a press of a phone link (call_click). */
export type CallConnectedData = Lifecycle & {
  reason_code?: unknown;
};

/** The CRM holds a lead. Counts: a new record. Does not count: a second submission of somebody who is already an open lead. */
export type LeadCreatedData = Lifecycle & {
  reason_code?: unknown;
};

/** The lead meets the rules for being handed to scheduling. */
export type LeadQualifiedData = Lifecycle & {
  /** Why it qualifies. */
  reason_code: 'reached_and_interested' | 'service_offered' | 'coverage_confirmed' | 'referral_on_file' | 'returning_patient';
};

/** The lead will not be handed to scheduling. */
export type LeadDisqualifiedData = Lifecycle & {
  /** Why it doesn't qualify. */
  reason_code: 'duplicate' | 'unreachable' | 'invalid_contact' | 'out_of_area' | 'service_not_offered' | 'coverage_not_accepted' | 'not_seeking_care' | 'declined' | 'spam' | 'test';
};

/** Scheduling holds an appointment. This, and no other event, confirms one. */
export type AppointmentCreatedData = Lifecycle & {
  /** How it came to be. */
  reason_code: 'booked_online' | 'booked_by_phone' | 'booked_from_callback' | 'booked_from_referral' | 'booked_in_person' | 'rescheduled';
};

/** Scheduling says that the appointment took place: the consult is completed. The first one makes a patient. */
export type AppointmentCompletedData = Lifecycle & {
  reason_code?: unknown;
};

/** Scheduling says that the appointment will not, or did not, take place. */
export type AppointmentCanceledData = Lifecycle & {
  /** Why it didn't take place. */
  reason_code: 'by_patient' | 'by_clinic' | 'no_show' | 'rescheduled' | 'coverage_not_accepted' | 'duplicate' | 'entered_in_error';
};

/** Another provider sent somebody here. Does not count: a visitor who came through a link on another provider's site, which is a touch. */
export type ReferralReceivedData = Lifecycle & {
  reason_code?: unknown;
};

/** Somebody asked a question without asking for care. Not a lead until they ask to be contacted or seen. */
export type RequestForInformation = {
  /** Id of the form_submit. */
  submission: PageEventId;
  /** When the form was sent. */
  created_at: Instant;
  /** What they asked about. */
  topic: Topic;
  /** Campaign of the last touch. Default: none known. */
  campaign_id?: Mark;
  /** Whether they agreed to be written to. Default: no. */
  may_contact?: boolean;
};

/** Somebody asked to be contacted or seen and left a way to reach them, and the CRM holds the record. A form_submit is the claim of one; the CRM confirms it by lead_created. */
export type Lead = {
  /** The CRM's id of the record. */
  id: string;
  /** Id of the form_submit; absent when the lead came by phone. */
  submission?: PageEventId;
  match?: Match;
  /** When the CRM created the record. */
  created_at: Instant;
  /** Campaign of the last touch; null says that there was none, which is not the same as a forgotten one. */
  campaign_id: string | null;
  /** How they reached out. */
  contact_method: 'form' | 'call' | 'booking' | 'referral';
  /** Where the lead stands in the CRM. */
  lifecycle_status: 'new' | 'working' | 'qualified' | 'disqualified';
  /** Why it was qualified or disqualified, from that type's list. */
  reason_code?: string;
  /** What they asked for. */
  service_line?: ServiceLine;
  /** Form that it came from. Default: unknown. */
  form_source?: Slug;
  device?: Device;
};

/** A lead that meets the written rules for being handed to scheduling. It stays a lead; this is the moment of the hand-over, with its reason. */
export type MarketingQualifiedLead = {
  /** The CRM's id of the lead. */
  lead: string;
  /** When the CRM took it over. */
  qualified_at: Instant;
  /** Why it qualifies. */
  reason_code: 'reached_and_interested' | 'service_offered' | 'coverage_confirmed' | 'referral_on_file' | 'returning_patient';
  /** Score of the marketing automation, 0 to 100. Default: not scored. */
  score?: number;
};

/** A slot that scheduling holds for somebody. A request on a form, or a booking claimed by a page, is not yet one. */
export type Appointment = {
  /** Scheduling's id of the appointment. */
  id: string;
  /** Id of the form_submit or appointment_booked that asked for it. */
  submission?: PageEventId;
  /** When scheduling created it. */
  created_at: Instant;
  /** Where it stands in scheduling. */
  lifecycle_status: 'created' | 'completed' | 'canceled';
  /** Why it was created or canceled, from that type's list. */
  reason_code: string;
  /** What it is for. */
  service_line?: ServiceLine;
};

/** Somebody whose first appointment took place, by what scheduling says. In no other report does the word mean anything else: a lead with an appointment is not yet a patient. */
export type Patient = {
  /** Keys without names: no medical record number leaves the health record. */
  match: Match;
  /** When the first appointment took place. */
  since: Instant;
  /** The CRM's id of the lead that they were. Default: none, they came by another way. */
  lead?: string;
};

/** Another provider sent somebody here. A source of appointments beside marketing, so that they are not counted as its effect. */
export type Referral = {
  /** The desk's id of the referral. */
  id: string;
  /** When it arrived. */
  received_at: Instant;
  match: Match;
  /** What it is for. */
  service_line?: ServiceLine;
  /** Scheduling's id of the appointment made from it. Default: none yet. */
  appointment?: string;
};

/** Somebody asks to be seen. A lead, when it arrives. */
export type AppointmentRequest = {
  name: PersonName;
  email: EmailAddress;
  phone: PhoneNumber;
  service_line: ServiceLine;
  /** Part of the day that suits them. Default: any. */
  preferred_time?: 'morning' | 'afternoon' | 'evening';
  message?: FreeText;
  /** The box by which they agree to be contacted; its value is whatever the page gives it. Default: not ticked, and then not sent. */
  consent_to_contact?: string;
};

/** What of it leaves the page; an invalid form sends less. Request for an appointment */
export type AppointmentRequestSent = {
  email?: Sha256;
  phone?: Sha256;
  service_line?: ServiceLine;
  /** Part of the day that suits them. Default: any. */
  preferred_time?: 'morning' | 'afternoon' | 'evening';
  /** The box by which they agree to be contacted; its value is whatever the page gives it. Default: not ticked, and then not sent. */
  consent_to_contact?: boolean;
};

/** Somebody asks to be called. A lead, when it arrives. */
export type CallbackRequest = {
  name: PersonName;
  phone: PhoneNumber;
  /** Part of the day to call. Default: any. */
  best_time?: 'morning' | 'afternoon' | 'evening';
};

/** What of it leaves the page; an invalid form sends less. Request for a call back */
export type CallbackRequestSent = {
  phone?: Sha256;
  /** Part of the day to call. Default: any. */
  best_time?: 'morning' | 'afternoon' | 'evening';
};

/** Somebody asks a question. Not a lead. */
export type InformationRequest = {
  email: EmailAddress;
  /** What they ask about. */
  topic: 'services' | 'locations' | 'insurance' | 'billing' | 'careers' | 'other';
};

/** What of it leaves the page; an invalid form sends less. Request for information */
export type InformationRequestSent = {
  email?: Sha256;
  /** What they ask about. */
  topic?: 'services' | 'locations' | 'insurance' | 'billing' | 'careers' | 'other';
};

/** The page's booking tool took a slot. */
export type AppointmentBooking = {
  service_line: ServiceLine;
  /** When the appointment is. Only that there is one leaves: the date of a visit identifies a patient (45 CFR 164.514(b)(2)(i)(C)). */
  appointment_at?: string;
};

/** What of it leaves the page; an invalid form sends less. Booking on the page */
export type AppointmentBookingSent = {
  service_line?: ServiceLine;
  /** When the appointment is. Only that there is one leaves: the date of a visit identifies a patient (45 CFR 164.514(b)(2)(i)(C)). */
  appointment_at?: boolean;
};

/** The data of each event by its type. */
export interface EventData {
  'org.touchmark.landing': LandingData;
  'org.touchmark.form_submit': FormSubmitData;
  'org.touchmark.form_result': FormResultData;
  'org.touchmark.call_click': CallClickData;
  'org.touchmark.appointment_booked': AppointmentBookedData;
  'org.touchmark.call_connected': CallConnectedData;
  'org.touchmark.lead_created': LeadCreatedData;
  'org.touchmark.lead_qualified': LeadQualifiedData;
  'org.touchmark.lead_disqualified': LeadDisqualifiedData;
  'org.touchmark.appointment_created': AppointmentCreatedData;
  'org.touchmark.appointment_completed': AppointmentCompletedData;
  'org.touchmark.appointment_canceled': AppointmentCanceledData;
  'org.touchmark.referral_received': ReferralReceivedData;
}

/** An event as it is sent. */
export type Event = {
  [Type in keyof EventData]: {
    specversion: '1.0';
    id: string;
    source: string;
    type: Type;
    subject?: string;
    time: Instant;
    datacontenttype?: 'application/json';
    dataschema?: string;
    data: EventData[Type];
  };
}[keyof EventData];
