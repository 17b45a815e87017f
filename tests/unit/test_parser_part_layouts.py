"""Parts as systems in use make them, with everything around and below the text: what is left is the article, once."""

from collections.abc import Callable

import pytest

from tests.unit.test_parser_joining import document, prose

ZH = (
    "古城的城门在冬天里修好了,工匠们说石灰来自北面的山里,由马车运到河边,再由船工送进城里。",
    "守门人每天在簿子上写下损坏的砖石和修补的价钱,这本簿子如今在南门的展室里展出。",
    "来自各地的观众在雨中排队等候,他们说从未想到一扇门会有这样长的历史和这么多的故事。",
    "博物馆馆长表示,明年将继续整理其余三座城门的档案,并向公众开放全部的修复记录。",
    "专家们认为,石灰的配方与两百年前的并无二致,只是烧制的时间略有缩短,成色也更加均匀。",
    "到了傍晚,河边的灯一盏一盏亮起来,城门的影子落在水面上,孩子们在石阶上数着来往的船。",
)
EN = tuple(prose(n) for n in range(1, 7))
ID = (
    "Penjaga gerbang menuliskan setiap kerusakan yang ditimbulkan hujan dan siapa yang akan memperbaikinya nanti.",
    "Buku catatannya kini dipamerkan di ruang kecil di atas gerbang selatan, dan pengunjung boleh membukanya.",
    "Para tukang batu mengatakan bahwa kapur dibawa dari bukit di utara dengan gerobak yang ditarik kerbau.",
    "Tahun depan tiga gerbang lainnya akan diperiksa, dan seluruh arsip perbaikannya akan dibuka untuk umum.",
    "Di tepi sungai para pedagang menutup lapaknya lebih awal agar dapat melihat gerbang itu dinyalakan.",
    "Anak-anak menghitung perahu yang lewat dari tangga batu, seperti yang dilakukan kakek mereka dahulu.",
)
DE = (
    "Der Wärter des Nordtors schrieb jeden Abend auf, was der Frost zerbrochen hatte und wer es richten sollte.",
    "Sein Buch liegt heute in einer kleinen Stube über dem Südtor, und wer will, darf darin blättern.",
    "Den Kalk brachten Fuhrleute aus den Hügeln im Norden, bis der Fluss so niedrig stand, dass Kähne fuhren.",
    "Im nächsten Jahr sollen die drei anderen Tore folgen, und alle Rechnungen werden öffentlich sein.",
    "Am Ufer schlossen die Händler früher als sonst, um zu sehen, wie das Tor zum ersten Mal erleuchtet wurde.",
    "Die Kinder zählten von der Treppe aus die Boote, so wie es ihre Großväter schon getan hatten.",
)


def paragraphs(texts: tuple[str, ...]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def chinese(n: int, texts: tuple[str, ...]) -> str:
    numbers = " ".join(f"<a href=t_{k}.html>{k + 1}</a>" if k != n else f"<b>{k + 1}</b>" for k in range(3))
    return f"""<html lang=zh><head><meta charset=utf-8><title>古城门重新开放{f"({n + 1})" if n else ""}--文化--城报网</title></head>
<body><div class=nav><a href=/>首页</a><a href=/wh>文化</a></div><div class=main><h1>古城门重新开放</h1><div class=info>2025年05月18日09:12
来源:<a>城报网</a></div><div class=txt>{paragraphs(texts)}<p>(责编:张三、李四)</p><div class=page>上一页 {numbers} <a href=t_1.html>下一页</a>
<a>尾页</a></div></div><div class=rel><h3>相关新闻</h3><ul><li><a href=/1>城墙修缮完成</a></li><li><a href=/2>河道清淤启动</a></li></ul></div>
</div><div class=foot>版权所有 城报网 京ICP备12345678号</div></body></html>"""


def wordpress(n: int, texts: tuple[str, ...]) -> str:
    numbers = " ".join(
        f"<a href=/gates/{k}/>{k}</a>" if k != n + 1 else f"<span>{k}</span>" for k in (1, 2, 3)
    )
    return f"""<html lang=en><head><title>The gates of the old town - Page {n + 1} of 3 - Town Paper</title></head><body class=single>
<header><nav><a href=/>Home</a><a href=/news>News</a></nav></header><main><article class=post><h1>The gates of the old town</h1>
<p class=entry-meta>Posted on <time datetime=2025-05-18>May 18, 2025</time> by <a rel=author>Anna Keller</a></p><div class=entry-content>
<figure><img src=x.jpg><figcaption>The south gate. (Photo: A. Keller)</figcaption></figure>{paragraphs(texts)}
<div class=page-links>Pages: {numbers}</div><div class=sharedaddy><h3>Share this:</h3><ul><li><a>Facebook</a></li></ul></div></div>
<footer>Filed under: Culture</footer></article></main><aside><h3>Recent posts</h3><ul><li><a>Other</a></li></ul></aside>
<footer>© 2025 Town Paper. All rights reserved.</footer></body></html>"""


def indonesian(n: int, texts: tuple[str, ...]) -> str:
    return f"""<html lang=id><head><title>Gerbang Kota Tua Dibuka Kembali Halaman {n + 1} - Harian</title></head><body>
<div class=header><a href=/>Beranda</a></div><div class=read__wrap><h1>Gerbang Kota Tua Dibuka Kembali</h1>
<div class=read__time>Harian, 18/05/2025, 09:12 WIB</div><div class=read__content>{paragraphs(texts)}<p><strong>Baca juga:
<a href=/x>Tembok Kota Selesai Diperbaiki</a></strong></p></div><div class=paging__wrap>Halaman: <a href="?page=1">1</a>
<a href="?page=2">2</a> <a href="?page=3">3</a> <a href="?page=all">Show All</a></div><div>Tag <a>gerbang</a></div></div></body></html>"""


def german(n: int, texts: tuple[str, ...]) -> str:
    inhalt = "".join(f"<li><a href=/tore/seite-{k}>Seite {k}</a></li>" for k in (1, 2, 3))
    return f"""<html lang=de><head><title>Die Tore der alten Stadt | Stadtblatt</title></head><body><nav><a href=/>Start</a></nav>
<article><h1>Die Tore der alten Stadt</h1><p class=byline>Von Anna Keller</p>{"<h2>Seite 2 von 3</h2>" if n == 1 else ""}
{paragraphs(texts)}<nav class=pager><p>Auf einer Seite lesen</p><ul>{inhalt}</ul><a href=/tore/seite-2>Nächste Seite</a></nav>
</article><footer>© Stadtblatt</footer></body></html>"""


@pytest.mark.parametrize(
    ("made", "texts", "title"),
    [
        (chinese, ZH, "古城门重新开放"),
        (wordpress, EN, "The gates of the old town"),
        (indonesian, ID, "Gerbang Kota Tua Dibuka Kembali"),
        (german, DE, "Die Tore der alten Stadt"),
    ],
)
def test_the_article_is_left_and_each_paragraph_once(
    made: Callable[[int, tuple[str, ...]], str], texts: tuple[str, ...], title: str
) -> None:
    pages = [made(n, texts[2 * n : 2 * n + 2]).encode() for n in range(3)]
    found = document(*pages)
    assert found.title == title
    assert found.text.split("\n\n") == list(texts)
    assert len(set(found.removed)) == len(found.removed)
