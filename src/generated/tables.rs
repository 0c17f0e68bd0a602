//! Tables from spec/, one text each, a line a row. Made by `cargo xtask generate`.

/// The newest version among the tables; stamped into every event.
pub const VERSION: &str = "2026-11-22";

/// spec/click-ids.json: `param platform source medium`, in order of priority.
pub const CLICK_IDS: &str = "\
gclid google_ads google cpc\n\
gbraid google_ads google cpc\n\
wbraid google_ads google cpc\n\
dclid campaign_manager google display\n\
msclkid microsoft_ads bing cpc\n\
ttclid tiktok tiktok paid_social\n\
li_fat_id linkedin linkedin paid_social\n\
twclid x x paid_social\n\
ScCid snapchat snapchat paid_social\n\
rdt_cid reddit reddit paid_social\n\
qclid quora quora paid_social\n\
ndclid nextdoor nextdoor paid_social\n\
tblci taboola taboola cpc\n\
dicbo outbrain outbrain cpc\n\
yclid yandex_direct yandex cpc\n\
awc awin awin affiliate\n\
cjevent cj cj affiliate\n\
irclickid impact impact affiliate\n\
fbclid meta facebook\n\
epik pinterest pinterest\n";

/// spec/channels.json: `rule|channel|paid or free|alternatives`, in order.
pub const CHANNELS: &str = "\
cross_network|Cross-network|paid|c*cross-network\n\
paid_shopping|Paid Shopping|paid|k=shopping&m~paid;c~shopping&m~paid\n\
paid_search|Paid Search|paid|k=search&m~paid\n\
paid_social|Paid Social|paid|k=social&m~paid\n\
paid_video|Paid Video|paid|k=video&m~paid\n\
display|Display|paid|m=display,banner,expandable,interstitial,cpm\n\
paid_other|Paid Other|paid|m~paid\n\
ai_assistant|AI Assistant|free|k=ai;m=ai-assistant\n\
organic_shopping|Organic Shopping|free|k=shopping;c~shopping\n\
organic_social|Organic Social|free|k=social;m=social,social-network,social-media,sm,social network,social media\n\
organic_video|Organic Video|free|k=video;m*video\n\
organic_search|Organic Search|free|k=search;m=organic\n\
referral|Referral|free|m=referral,app,link\n\
email|Email|free|s=email,e-mail,e_mail,e mail;m=email,e-mail,e_mail,e mail\n\
affiliates|Affiliates|free|m=affiliate\n\
audio|Audio|free|m=audio\n\
sms|SMS|free|s=sms;m=sms\n\
mobile_push|Mobile Push Notifications|free|m$push;m*mobile,notification;s=firebase\n";

/// spec/referrers.json: `kind source domains…`.
pub const REFERRERS: &str = "\
search google google.*\n\
search bing bing.com\n\
search yahoo search.yahoo.* yahoo.com\n\
search duckduckgo duckduckgo.com\n\
search ecosia ecosia.org\n\
search brave search.brave.com\n\
search baidu baidu.com\n\
search yandex yandex.* ya.ru\n\
search naver search.naver.com\n\
search startpage startpage.com\n\
search qwant qwant.com\n\
search aol search.aol.com\n\
social facebook facebook.com fb.me fb.com\n\
social instagram instagram.com ig.me\n\
social linkedin linkedin.com lnkd.in\n\
social x x.com twitter.com t.co\n\
social reddit reddit.com\n\
social pinterest pinterest.* pin.it\n\
social tiktok tiktok.com\n\
social snapchat snapchat.com\n\
social threads threads.net threads.com\n\
social bluesky bsky.app\n\
social quora quora.com\n\
social nextdoor nextdoor.com\n\
social whatsapp whatsapp.com wa.me\n\
social yelp yelp.*\n\
video youtube youtube.com youtu.be\n\
video vimeo vimeo.com\n\
video twitch twitch.tv\n\
shopping amazon amazon.*\n\
shopping ebay ebay.*\n\
shopping etsy etsy.com\n\
shopping google-shopping shopping.google.*\n\
ai chatgpt chatgpt.com chat.openai.com\n\
ai claude claude.ai\n\
ai gemini gemini.google.com bard.google.com\n\
ai copilot copilot.microsoft.com\n\
ai perplexity perplexity.ai\n\
ai deepseek chat.deepseek.com\n\
ai grok grok.com\n\
ai meta-ai meta.ai\n\
ai mistral chat.mistral.ai\n\
ai duck-ai duck.ai\n\
ai you you.com\n\
email gmail mail.google.com\n\
email outlook outlook.live.com outlook.office.com\n\
email yahoo-mail mail.yahoo.com\n\
directory healthgrades healthgrades.com\n\
directory zocdoc zocdoc.com\n\
directory webmd webmd.com\n\
directory vitals vitals.com\n";
