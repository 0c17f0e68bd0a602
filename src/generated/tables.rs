//! Tables from spec/, one text each. Made by `cargo xtask generate`.

/// The newest version among the tables; stamped into every event.
pub const VERSION: &str = "2026-11-23";

/// spec/click-ids.json: `param platform source medium`, in order of priority; `-` is
/// empty, and as a platform says that the parameter holds no click's id.
pub const CLICK_IDS: &str = "\
gclid google_ads google cpc\n\
gbraid google_ads google cpc\n\
wbraid google_ads google cpc\n\
dclid campaign_manager google display\n\
msclkid microsoft_ads bing cpc\n\
ttclid tiktok tiktok paid_social\n\
li_fat_id linkedin linkedin paid_social\n\
fbclid meta facebook\n";

/// spec/channels.json: `rule|channel|paid or free|alternatives`, in order.
pub const CHANNELS: &str = "\
direct|Direct|free|s=(direct)&m=(none),(not set)\n\
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

/// spec/referrers.json, what the core knows: a line a kind, `kind;source names
/// domains…;…`.
pub const REFERRERS: &str = "\
search;google googlemybusiness gmb google-play =.* encrypted.google.* images.google.* lens.google.* cse.google.* scholar.google.* maps.google.* news.google.* search.google.com com.google.android.googlequicksearchbox;bing msn .* msn.com;yahoo search.yahoo.* =.com =.co.jp;duckduckgo ddg .com com.duckduckgo.mobile.android\n\
social;facebook fb meta =.* l.facebook.com lm.facebook.com touch.facebook.com web.facebook.com business.facebook.com free.facebook.com mobile.facebook.com apps.facebook.com fb.me fb.com fb.watch com.facebook.katana;instagram ig .com ig.me com.instagram.android;linkedin .com lnkd.in .android com.linkedin.android;x twitter .com twitter.com t.co com.twitter.android;reddit .com redd.it com.reddit.frontpage;pinterest .* pin.it com.pinterest;tiktok .com com.zhiliaoapp.musically;snapchat .com com.snapchat.android;threads .net .com;quora .com;nextdoor .*;whatsapp .com wa.me com.whatsapp;telegram t.me .org .me org.telegram.messenger;yelp .*\n\
video;youtube yt .com youtu.be youtube-nocookie.com com.google.android.youtube;vimeo .com;twitch .tv\n\
shopping;google-shopping googleshopping shopping.google.*;amazon .* amzn.to a.co amazon-adsystem.com;ebay .*;etsy .com\n\
ai;chatgpt openai .com chat.openai.com labs.openai.com com.openai.chatgpt;claude anthropic .ai com.anthropic.claude;gemini bard .google.com bard.google.com com.google.android.apps.bard;copilot .microsoft.com .com =m365.cloud.microsoft;perplexity .ai ai.perplexity.app.android;deepseek =.com chat.deepseek.com;grok .com;meta-ai meta.ai;mistral chat.mistral.ai;duck-ai duck.ai;you .com\n\
email;gmail mail.google.com com.google.android.gm;outlook .live.com .office.com .office365.com mail.live.com .com com.microsoft.office.outlook .cloud.microsoft;yahoo-mail mail.yahoo.* com.yahoo.mobile.client.android.mail\n\
directory;healthgrades .com;zocdoc .com;webmd .com;vitals .com\n";

/// Rows of spec/click-ids.json that every plan brings.
#[cfg(not(target_arch = "wasm32"))]
pub const PLAN_CLICK_IDS: &str = "\
twclid x x paid_social\n\
ScCid snapchat snapchat paid_social\n\
rdt_cid reddit reddit paid_social\n\
qclid quora quora paid_social\n\
ndclid nextdoor nextdoor paid_social\n\
tblci taboola taboola cpc\n\
dicbo outbrain outbrain cpc\n\
obclid outbrain outbrain cpc\n\
sapid stackadapt stackadapt display\n\
oppref openai_ads chatgpt cpc\n\
aleid applovin applovin display\n\
alart applovin applovin display\n\
adfcd adform adform display\n\
s_kwcid adobe_advertising - cpc\n\
ef_id adobe_advertising - cpc\n\
yclid yandex_direct yandex cpc\n\
ymclid yandex_market yandex cpc\n\
awc awin awin affiliate\n\
cjevent cj cj affiliate\n\
irclickid impact impact affiliate\n\
im_ref impact impact affiliate\n\
sscid shareasale shareasale affiliate\n\
tduid tradedoubler tradedoubler affiliate\n\
admitad_uid admitad admitad affiliate\n\
gad_* - google cpc\n\
irgwc - impact affiliate\n\
cjdata - cj affiliate\n\
mc_cid - mailchimp email\n\
_hsmi - hubspot email\n\
epik pinterest pinterest\n\
wickedid wicked_reports\n\
unicorn_click_id adjust\n\
_branch_match_id branch\n\
srsltid - google\n\
ysclid - yandex\n\
igshid - instagram\n";

/// Rows of spec/referrers.json that every plan brings.
#[cfg(not(target_arch = "wasm32"))]
pub const PLAN_REFERRERS: &str = "\
search;ecosia .org;brave search.brave.com;baidu =.com;yandex =.* ya.ru clck.yandex.* images.yandex.* yabs.yandex.*;naver search.naver.com =.com;startpage .com;qwant .com;aol search.aol.* =.com;ask =.com search.ask.com uk.ask.com;kagi .com;seznam search.seznam.cz =.cz;daum search.daum.net =.net;sogou .com;360-search so.com so.360.cn =360.cn;swisscows .com;mojeek .com;presearch .com .io;dogpile .com;coccoc .com\n\
social;messenger .com m.me com.facebook.orca;bluesky bsky.app skyfeed.app go.bsky.app;discord .com .gg discordapp.com;tumblr .com t.umblr.com;mastodon .social .online mstdn.social mas.to fosstodon.org hachyderm.io .world;vk .com vkontakte.ru .ru;weibo .com t.cn .cn;wechat weixin .com weixin.qq.com;line .me;flipboard .com;medium .com;github .com;hacker-news news.ycombinator.com;stackoverflow .com stackexchange.com;xing .com;tripadvisor .*;meetup .com;caringbridge .org\n\
video;dailymotion .com dai.ly;netflix .com;hulu .com;disneyplus .com;wistia .com .net;ted .com;rumble .com\n\
shopping;walmart .com;shopify .com shop.app;alibaba .com;mercadolibre .*;stripe .com;target .com;aliexpress .com\n\
ai;notebooklm .google.com;poe .com;character-ai character.ai;phind .com;qwen chat.qwen.ai .ai;baidu-ai yiyan.baidu.com ai.baidu.com;chatglm .cn;iask .ai;jasper app.jasper.ai;writesonic app.writesonic.com;chatplus .com chat-gpt.org;kimi .com .moonshot.cn;doubao .com;openevidence .com\n\
email;aol-mail mail.aol.com;icloud-mail icloud.com;proton-mail mail.proton.me mail.protonmail.com;fastmail .com;zoho-mail mail.zoho.*;gmx mail.gmx.* .net navigator.gmx.net deref-gmx.net;comcast-mail connect.xfinity.com mail.comcast.net\n\
directory;ratemds .com;doximity .com;sharecare .com;usnews-health health.usnews.com;wellness .com;castle-connolly castleconnolly.com;solv solvhealth.com;psychology-today psychologytoday.com;caredash .com;realself .com;npidb .org npino.com;mayo-clinic mayoclinic.org;healthline .com;medicare .gov;angi .com angieslist.com homeadvisor.com;bbb .org;yellowpages .com superpages.com\n";

/// spec/referrers.json, what reports and the larger core know besides.
#[cfg(any(feature = "full", not(target_arch = "wasm32")))]
pub const MORE_REFERRERS: &str = "\
search;1cz 1.cz;abcsok .no;acoon .de;alexa =.com;all-by =all.by;alltheinternet .com;altavista .com .de .fr;aport .ru;arcor =.de;arianna .libero.it;auone search.auone.jp sp-search.auone.jp sp-web.search.auone.jp;avast search.avast.com;avg search.avg.com isearch.avg.com;babylon search.babylon.com isearch.babylon.com;biglobe search.biglobe.ne.jp =.ne.jp;bluewin search.bluewin.ch;blekko .com;bt-search search.bt.com;centrum search.centrum.cz =.cz;comcast search.comcast.net search.xfinity.com;conduit search.conduit.com;dasoertliche .de;dastelefonbuch .de;delfi otsing.delfi.ee smart.delfi.lv;disconnect search.disconnect.me;docomo search.smt.docomo.ne.jp;earthlink search.earthlink.net;eniro .se;entireweb .com;everyclick .com;exalead .com .fr;excite .com search.excite.it search.excite.fr search.excite.de search.excite.co.uk search.excite.es search.excite.nl .co.jp;fireball .de .com;free-fr search.free.fr;freenet suche.freenet.de;freespoke .com;frontier search.frontier.com;gibiru .com;gigablast .com;globo =.com;gmx-search suche.gmx.net search.gmx.com;goo-jp search.goo.ne.jp ocnsearch.goo.ne.jp;gulesider .no;haosou .com;hotbot .com;info-com =info.com;infospace .com;interia google.interia.pl;ixquick .com .de;junglekey .com .fr;karmasearch .org;kvasir .no;laban .vn;lilo-search search.lilo.org;lycos =.* search.lycos.com;mailru go.mail.ru;mamma .com;meinestadt =.de;metacrawler .com .de;metager .de .org;mozbot .fr .com;mywebsearch .com mysearch.com search.myway.com;najdi .si;nate search.nate.com;neti .ee;netscape search-intl.netscape.com;nifty search.nifty.com;nigma .ru;oceanhero .today;onet szukaj.onet.pl =.pl;1881 .no;orange-search lemoteur.orange.fr busca.orange.es;petal petalsearch.com;privacywall .org;rakuten websearch.rakuten.co.jp;rambler nova.rambler.ru =.ru;sapo pesquisa.sapo.pt;search-ch search.ch;search-com =search.com;searchlock .com;sm-cn m.sm.cn so.m.sm.cn quark.sm.cn;snap-do search.snap.do;so-net .ne.jp;soso .com;sputnik .ru;startsiden .no;stract .com;suche-info suche.info;surfcanyon .com;swiggle .org.uk;t-online suche.t-online.de;talktalk =.co.uk;teoma .com;terra buscador.terra.es buscador.terra.cl buscador.terra.com.br;tiscali search.tiscali.it;toppreise .ch;torry .io;tusk tusksearch.com;tut-by =tut.by;ukr-net search.ukr.net;uol busca.uol.com.br;virgilio ricerca.virgilio.it =.it;voila search.ke.voila.fr;volny web.volny.cz;vuhuv .com;walla search.walla.co.il;web-de suche.web.de;webcrawler .com;webfetch .com;wp-pl szukaj.wp.pl;yam search.yam.com;yandex-cn yongzin.com;yasni .de .com .co.uk .ch .at;yellowmap .de;yep .com;yippy search.yippy.com;zapmeta .*;zarebin .ir;zoeken .nl;zoznam .sk;zum search.zum.com\n\
social;43things .com;academia .edu;allnurses .com;allrecipes .com;ameba .jp ameblo.jp;ancestry .com;askubuntu .com superuser.com serverfault.com;badoo .com;bebo .com;bilibili .com;blackplanet .com;blogger .com blogspot.com;buzzfeed .com;cafemom .com;care2 .com;classmates .com;couchsurfing .org .com;crunchyroll .com;cyworld .com;dailystrength .org;deviantart .com;dianping .com;digg .com;diigo .com;disqus .com;douban .com;douyin .com;douyu .com;draugiem .lv;dribbble .com;drugs-forum .com;dzone .com;fandom .com;fark .com;fc2 .com;fetlife .com;flickr .com;foursquare .com;gaiaonline .com;geni .com;glassdoor .*;goodreads .com;google-groups groups.google.com googlegroups.com;google-plus googleplus google+ plus.google.com plus.url.google.com com.google.android.apps.plus;google-sites sites.google.com;gree .jp;gutefrage .net;habbo .com;hatena b.hatena.ne.jp d.hatena.ne.jp;hi5 .com;hootsuite .com;houzz .com;hubpages .com;huya .com;imageshack .com .us;imvu .com;instapaper .com;internations .org;intherooms .com;kakao .com;last-fm last.fm lastfm.de lastfm.es lastfm.fr lastfm.it;lang-8 .com;librarything .com;livejournal .com .ru;meneame .net;mix .com;mixi .jp;my-mail-ru my.mail.ru;myanimelist .net;myheritage .com;myspace .com;naver-blog blog.naver.com cafe.naver.com kin.naver.com;niconico nicovideo.jp;ning .com;nk-pl nk.pl;odnoklassniki .ru ok.ru;okwave .jp;patreon .com;peertube joinpeertube.org;photobucket .com;pinboard .in;pixelfed .social .de;pixiv .net;plurk .com;pocket getpocket.com .co;qzone .qq.com;ravelry .com;renren .com;researchgate .net;reverbnation .com;scoop-it scoop.it;scribd .com;secondlife .com;skype .com web.skype.com;skyrock .com;slashdot .org;slideshare .net;smartnews .com;soundcloud .com gate.sc;sourceforge .net;stumbleupon .com;substack-com substack.com;suomi24 .fi;tagged .com;taringa .net;tieba .baidu.com;truthsocial .com;twitcasting .tv;typepad .com;v2ex .com;viadeo .com;wattpad .com;weebly .com;wikihow .com;wikitravel .org;wordpress .com .org;workplace .com;xanga .com;yahoo-answers answers.yahoo.com chiebukuro.yahoo.co.jp;yammer .com;zalo .me;zhihu .com\n\
video;crackle .com;curiositystream .com;d-tube d.tube;iqiyi .com iq.com;odysee .com;utreon .com;veoh .com;youku .com;tudou .com\n\
shopping;naver-shopping shopping.naver.com;rakuten-shop =rakuten.co.jp;shopzilla .com;yahoo-shopping shopping.yahoo.com shopping.yahoo.co.jp;shopping-net shopping.net;simplycodes .com;temu .com;shein .com;wish-com =wish.com\n\
email;orange-mail messagerie.orange.fr webmail.orange.fr;web-de-mail =web.de navigator.web.de deref-web.de;t-online-mail email.t-online.de;mailru-mail e.mail.ru;yandex-mail mail.yandex.*;naver-mail mail.naver.com;daum-mail mail.daum.net;qq-mail mail.qq.com;163-mail mail.163.com;seznam-mail email.seznam.cz;rambler-mail mail.rambler.ru;libero-mail mail.libero.it;tutanota tuta.com mail.tutanota.com;hey-mail app.hey.com;roundcube-mail webmail.aruba.it\n";
