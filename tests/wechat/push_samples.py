"""One push of every kind that WeChat sends, and what we read out of it."""

from app.wechat import events, grants, messages
from tests.wechat.samples import OPENID

# (MsgType or Event, its own fields, the form it gets, attributes of that form)
MESSAGE_SAMPLES = [
    (
        "text",
        "<Content><![CDATA[我要预约]]></Content>",
        messages.Text,
        {"content": "我要预约", "menu_item": ""},
    ),
    (
        "text",
        "<Content>满意</Content><bizmsgmenuid>101</bizmsgmenuid>",
        messages.Text,
        {"content": "满意", "menu_item": "101"},
    ),
    (
        "image",
        "<PicUrl><![CDATA[http://x.example/p]]></PicUrl><MediaId><![CDATA[m1]]></MediaId>",
        messages.Image,
        {"picture_url": "http://x.example/p", "media_id": "m1"},
    ),
    (
        "voice",
        "<MediaId>m1</MediaId><Format>amr</Format><MediaId16K>m2</MediaId16K>",
        messages.Voice,
        {"media_id": "m1", "format": "amr", "media_id_16k": "m2", "recognition": ""},
    ),
    (
        "voice",
        "<MediaId>m1</MediaId><Recognition><![CDATA[预约]]></Recognition>",
        messages.Voice,
        {"recognition": "预约"},
    ),
    (
        "video",
        "<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>",
        messages.Video,
        {"media_id": "m1", "thumb_media_id": "t1"},
    ),
    (
        "shortvideo",
        "<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>",
        messages.ShortVideo,
        {"media_id": "m1"},
    ),
    (
        "location",
        (
            "<Location_X>36.6232</Location_X><Location_Y>101.7804</Location_Y><Scale>16</Scale>"
            "<Label><![CDATA[西宁市城东区互助中路]]></Label>"
        ),
        messages.Location,
        {"lat": 36.6232, "lng": 101.7804, "scale": 16, "label": "西宁市城东区互助中路"},
    ),
    (
        "link",
        "<Title>题</Title><Description>述</Description><Url>https://x.example</Url>",
        messages.Link,
        {"title": "题", "description": "述", "url": "https://x.example"},
    ),
    (
        "file",
        "<Title>表.xlsx</Title><MediaId>m1</MediaId>",
        messages.File,
        {"title": "表.xlsx", "media_id": "m1"},
    ),
    (
        "miniprogrampage",
        (
            "<Title>题</Title><AppId>wx1</AppId><PagePath>pages/a</PagePath><ThumbUrl>u</ThumbUrl>"
            "<ThumbMediaId>t</ThumbMediaId>"
        ),
        messages.MiniProgramPage,
        {"title": "题", "appid": "wx1", "page_path": "pages/a", "thumb_url": "u", "thumb_media_id": "t"},
    ),
    ("hologram", "<Depth>3</Depth>", messages.UnknownMessage, {"kind": "hologram", "unsupported": True}),
]

KEY = "<EventKey><![CDATA[{}]]></EventKey>".format
EVENT_SAMPLES = [
    ("subscribe", "<EventKey></EventKey>", events.Subscribe, {"scene": "", "ticket": ""}),
    (
        "subscribe",
        KEY("qrscene_checkin:42") + "<Ticket>gQH</Ticket>",
        events.Subscribe,
        {"scene": "checkin:42", "event_key": "qrscene_checkin:42", "ticket": "gQH"},
    ),
    ("unsubscribe", "<EventKey/>", events.Unsubscribe, {}),
    (
        "SCAN",
        KEY("checkin:42") + "<Ticket>gQH</Ticket>",
        events.Scan,
        {"scene": "checkin:42", "ticket": "gQH"},
    ),
    (
        "LOCATION",
        "<Latitude>36.62</Latitude><Longitude>101.78</Longitude><Precision>30.5</Precision>",
        events.LocationReport,
        {"lat": 36.62, "lng": 101.78, "precision": 30.5},
    ),
    ("CLICK", KEY("MY_WISH"), events.Click, {"event_key": "MY_WISH", "kind": "click"}),
    (
        "VIEW",
        KEY("https://x.example/n") + "<MenuId>423</MenuId>",
        events.View,
        {"url": "https://x.example/n", "menu_id": "423"},
    ),
    ("view_miniprogram", KEY("pages/a") + "<MenuId>4</MenuId>", events.MiniProgramView, {"path": "pages/a"}),
    *(
        (
            name,
            KEY("SCAN_IN")
            + "<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>vc1.42</ScanResult></ScanCodeInfo>",
            events.ScanCode,
            {"event_key": "SCAN_IN", "scan_type": "qrcode", "result": "vc1.42", "kind": name},
        )
        for name in ("scancode_push", "scancode_waitmsg")
    ),
    *(
        (
            name,
            KEY("PIC") + "<SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item>"
            "<item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo>",
            events.Pictures,
            {"event_key": "PIC", "count": 2, "md5": ("a", "b")},
        )
        for name in ("pic_sysphoto", "pic_photo_or_album", "pic_weixin")
    ),
    (
        "pic_weixin",
        "<SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item></PicList></SendPicsInfo>",
        events.Pictures,
        {"md5": ("a",)},
    ),
    (
        "location_select",
        KEY("HERE")
        + "<SendLocationInfo><Location_X>36.6</Location_X><Location_Y>101.7</Location_Y><Scale>15</Scale>"
        "<Label>互助中路</Label><Poiname></Poiname></SendLocationInfo>",
        events.PlaceSelected,
        {"lat": 36.6, "lng": 101.7, "scale": 15, "label": "互助中路", "place": "", "event_key": "HERE"},
    ),
    (
        "TEMPLATESENDJOBFINISH",
        "<MsgID>200163836</MsgID><Status>success</Status>",
        events.TemplateDone,
        {"msg_id": "200163836", "status": "success", "ok": True},
    ),
    (
        "TEMPLATESENDJOBFINISH",
        "<MsgID>2</MsgID><Status>failed:user block</Status>",
        events.TemplateDone,
        {"status": "user block", "ok": False},
    ),
    (
        "TEMPLATESENDJOBFINISH",
        "<MsgID>2</MsgID><Status>failed: System  failed</Status>",
        events.TemplateDone,
        {"status": "system failed", "ok": False},
    ),
    (
        "MASSSENDJOBFINISH",
        (
            "<MsgID>1000001625</MsgID><Status>send success</Status><TotalCount>100</TotalCount>"
            "<FilterCount>98</FilterCount><SentCount>95</SentCount><ErrorCount>3</ErrorCount>"
            "<CopyrightCheckResult><Count>0</Count><ResultList/><CheckState>2</CheckState></CopyrightCheckResult>"
            "<ArticleUrlResult><Count>1</Count><ResultList><item><ArticleIdx>1</ArticleIdx>"
            "<ArticleUrl><![CDATA[http://mp.example/s?a]]></ArticleUrl></item></ResultList></ArticleUrlResult>"
        ),
        events.MassDone,
        {
            "msg_id": "1000001625",
            "total": 100,
            "filtered": 98,
            "delivered": 95,
            "failed": 3,
            "ok": True,
            "copyright_state": 2,
            "articles": (events.SentArticle(1, "http://mp.example/s?a"),),
        },
    ),
    (
        "MASSSENDJOBFINISH",
        "<MsgID>1</MsgID><Status>err(20008)</Status>",
        events.MassDone,
        {"ok": False, "total": 0},
    ),
    (
        "PUBLISHJOBFINISH",
        (
            "<PublishEventInfo><publish_id>2247503051</publish_id><publish_status>0</publish_status>"
            "<article_id>b5O2O</article_id><article_detail><count>2</count><item><idx>1</idx><article_url>u1</article_url>"
            "</item><item><idx>2</idx><article_url>u2</article_url></item></article_detail>"
            "<fail_idx>3</fail_idx><fail_idx>4</fail_idx></PublishEventInfo>"
        ),
        events.PublishDone,
        {
            "publish_id": "2247503051",
            "status": 0,
            "article_id": "b5O2O",
            "articles": (events.SentArticle(1, "u1"), events.SentArticle(2, "u2")),
            "failed": (3, 4),
        },
    ),
    (
        "subscribe_msg_popup_event",
        (
            "<SubscribeMsgPopupEvent><List><TemplateId>A</TemplateId><SubscribeStatusString>accept</SubscribeStatusString>"
            "<PopupScene>2</PopupScene></List><List><TemplateId>B</TemplateId>"
            "<SubscribeStatusString>reject</SubscribeStatusString><PopupScene>2</PopupScene></List></SubscribeMsgPopupEvent>"
        ),
        grants.SubscriptionsAsked,
        {"grants": (grants.Grant("A", True, 2), grants.Grant("B", False, 2))},
    ),
    *(
        (
            "subscribe_msg_change_event",
            (
                f"<{wrapper}><List><TemplateId>A</TemplateId><SubscribeStatusString>reject</SubscribeStatusString></List>"
                f"</{wrapper}>"
            ),
            grants.SubscriptionsChanged,
            {"grants": (grants.Grant("A", False, 0),)},
        )
        for wrapper in ("SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent")
    ),
    (
        "subscribe_msg_sent_event",
        (
            "<SubscribeMsgSentEvent><List><TemplateId>A</TemplateId><MsgID>1700827132819554304</MsgID>"
            "<ErrorCode>0</ErrorCode><ErrorStatus>success</ErrorStatus></List></SubscribeMsgSentEvent>"
        ),
        grants.SubscriptionsSent,
        {"results": (grants.NoticeResult("A", "1700827132819554304", 0, "success"),)},
    ),
    (
        "user_info_modified",
        f"<OpenID>{OPENID}</OpenID><AppID>wx1</AppID><RevokeInfo>6</RevokeInfo>",
        events.InfoModified,
        {"person": OPENID, "appid": "wx1", "revoked": (6,)},
    ),
    (
        "user_authorization_revoke",
        (
            f"<OpenID>{OPENID}</OpenID><AppID>wx1</AppID><RevokeInfo>1,8</RevokeInfo><PluginID>p</PluginID>"
            "<OpenPID>op</OpenPID><UnionID>u</UnionID>"
        ),
        events.AuthorizationRevoked,
        {"person": OPENID, "revoked": (1, 8), "plugin_id": "p", "open_pid": "op", "unionid": "u"},
    ),
    (
        "user_authorization_cancellation",
        f"<OpenID>{OPENID}</OpenID><AppID>wx1</AppID>",
        events.AuthorizationCancelled,
        {"person": OPENID, "revoked": ()},
    ),
    (
        "qualification_verify_success",
        "<ExpiredTime>1794000000</ExpiredTime>",
        events.QualificationVerified,
        {"expires": 1794000000},
    ),
    ("naming_verify_success", "<ExpiredTime>1</ExpiredTime>", events.NamingVerified, {"expires": 1}),
    ("annual_renew", "<ExpiredTime>1</ExpiredTime>", events.AnnualRenew, {"expires": 1}),
    ("verify_expired", "<ExpiredTime>1</ExpiredTime>", events.VerifyExpired, {"expires": 1}),
    (
        "qualification_verify_fail",
        "<FailTime>5</FailTime><FailReason>by time</FailReason>",
        events.QualificationFailed,
        {"failed_at": 5, "reason": "by time"},
    ),
    (
        "naming_verify_fail",
        "<FailTime>5</FailTime><FailReason>x</FailReason>",
        events.NamingFailed,
        {"reason": "x"},
    ),
    ("kf_create_session", "<KfAccount>a@b</KfAccount>", events.StaffSessionOpened, {"staff": "a@b"}),
    ("kf_close_session", "<KfAccount>a@b</KfAccount>", events.StaffSessionClosed, {"staff": "a@b"}),
    (
        "kf_switch_session",
        "<FromKfAccount>a@b</FromKfAccount><ToKfAccount>c@d</ToKfAccount>",
        events.StaffSessionPassed,
        {"from_staff": "a@b", "to_staff": "c@d"},
    ),
    (
        "wxa_media_check",
        (
            "<appid>wx1</appid><trace_id>t1</trace_id><errcode>0</errcode>"
            "<result><suggest>risky</suggest><label>20006</label></result>"
        ),
        events.MediaChecked,
        {"appid": "wx1", "trace_id": "t1", "errcode": 0, "suggest": "risky", "label": 20006},
    ),
    (
        "user_enter_tempsession",
        "<SessionFrom>from-help</SessionFrom>",
        events.TempSession,
        {"session_from": "from-help"},
    ),
    *(
        (name, "<reason>x</reason>", events.PlatformPenalty, {"kind": name})
        for name in ("wxa_punish_event", "wxa_illegal_record", "wxa_appeal_record")
    ),
    ("debug_demo", "<debug_str>hello world</debug_str>", events.DebugDemo, {"debug_str": "hello world"}),
    ("brand_new_event", "<X>1</X>", events.UnknownEvent, {"kind": "brand_new_event"}),
]
