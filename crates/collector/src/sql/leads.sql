-- One row a lead: a form_submit whose outcome is not failed, with no failed form_result, and not
-- named by a later retry_of. Joined with its campaign, its touches, and what other systems said.
-- Bad events count as well: a form that the page found invalid was sent all the same (`state`).
-- In words that old SQLite programs know as well (json_extract, not ->>): one that can't read a view
-- reads nothing of the file.
-- Where an event's touches have other channels than the page knew, by every row of the tables.
CREATE TABLE IF NOT EXISTS channels (seq INTEGER PRIMARY KEY, first TEXT, last TEXT, last_paid TEXT);
DROP VIEW IF EXISTS leads;
CREATE VIEW leads AS
SELECT
    s.seq, s.received_at, s.source, s.id,
    json_extract(s.body, '$.time') AS time,
    substr(s.source, length('urn:touchmark:') + 1) AS site,
    s.subject AS form,
    json_extract(s.body, '$.data.form.contract') AS contract,
    json_extract(s.body, '$.data.page.id') AS page,
    CASE WHEN EXISTS (
        SELECT 1 FROM events AS r WHERE r.relates_to = s.id AND r.source = s.source AND r.conflict = 0
        AND r.type = 'org.touchmark.form_result' AND r.outcome = 'accepted'
    ) THEN 'accepted' ELSE s.outcome END AS outcome,
    s.verdict, s.state, s.session,
    coalesce(c.last, json_extract(s.body, '$.data.attribution.last.channel')) AS channel,
    coalesce(c.first, json_extract(s.body, '$.data.attribution.first.channel')) AS first_channel,
    coalesce(c.last_paid, json_extract(s.body, '$.data.attribution.last_paid.channel')) AS last_paid_channel,
    json_extract(s.body, '$.data.attribution.last.source') AS utm_source,
    json_extract(s.body, '$.data.attribution.last.medium') AS utm_medium,
    json_extract(s.body, '$.data.attribution.last.campaign') AS utm_campaign,
    json_extract(s.body, '$.data.attribution.last.id') AS utm_id,
    json_extract(s.body, '$.data.attribution.last.click_id.platform') AS platform,
    json_extract(s.body, '$.data.attribution.last.click_id.value') AS click_id,
    json_extract(s.body, '$.data.attribution.first') AS first_touch,
    json_extract(s.body, '$.data.attribution.last') AS last_touch,
    json_extract(s.body, '$.data.attribution.last_paid') AS last_paid_touch,
    json_extract(s.body, '$.data.device') AS device,
    json_extract(s.body, '$.data.consent') AS consent,
    json_extract(s.body, '$.data.form.fields') AS fields,
    (
        SELECT coalesce(json_extract(l.body, '$.data.stage'), CASE l.type
            WHEN 'org.touchmark.lead_created' THEN 'lead'
            WHEN 'org.touchmark.lead_qualified' THEN 'qualified'
            WHEN 'org.touchmark.appointment_created' THEN 'scheduled'
            WHEN 'org.touchmark.appointment_completed' THEN 'patient'
            WHEN 'org.touchmark.referral_received' THEN 'referred'
        END) AS reached
        FROM events AS l
        WHERE l.relates_to = s.id AND l.conflict = 0 AND l.state = 'good' AND l.nonce IS NULL
          AND reached IS NOT NULL
        ORDER BY l.time_ms DESC, l.seq DESC LIMIT 1
    ) AS stage,
    (
        -- The order of the inner query is the list's: only SQLite from 3.44 on sorts in the function.
        SELECT json_group_array(json(one)) FROM (
            SELECT json_object(
                'type', l.type, 'source', l.source, 'id', l.id,
                'time', json_extract(l.body, '$.time'),
                'system', json_extract(l.body, '$.data.system'),
                'stage', json_extract(l.body, '$.data.stage'),
                'reason_code', json_extract(l.body, '$.data.reason_code'),
                'campaign_id', json_extract(l.body, '$.data.campaign_id')
            ) AS one
            FROM events AS l
            WHERE l.relates_to = s.id AND l.conflict = 0 AND l.state = 'good' AND l.nonce IS NULL
            ORDER BY l.time_ms, l.seq
        )
    ) AS lifecycle
FROM events AS s LEFT JOIN channels AS c ON c.seq = s.seq
WHERE s.type = 'org.touchmark.form_submit'
  AND s.conflict = 0
  AND s.outcome IN ('sent', 'accepted', 'unconfirmed')
  AND NOT EXISTS (
    SELECT 1 FROM events AS r
    WHERE r.relates_to = s.id AND r.source = s.source AND r.conflict = 0
      AND r.type = 'org.touchmark.form_result' AND r.outcome = 'failed'
  )
  AND NOT EXISTS (
    -- Later: by the number of the intent in one document, by the page's clock across documents.
    SELECT 1 FROM events AS r
    WHERE r.relates_to = s.id AND r.source = s.source AND r.conflict = 0 AND r.seq <> s.seq
      AND r.type = 'org.touchmark.form_submit'
      AND CASE WHEN r.nonce = s.nonce THEN coalesce(r.intent > s.intent, 1)
               ELSE coalesce(r.time_ms >= s.time_ms, 1) END
  );
