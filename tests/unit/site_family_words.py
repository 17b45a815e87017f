"""Words for the made-up sites: parts of sentences and furniture in eight languages, all of our own making."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """Parts of sentences of one language, and what a site of that language says around its articles."""

    code: str
    who: tuple[str, ...]
    does: tuple[str, ...]
    what: tuple[str, ...]
    where: tuple[str, ...]
    join: str
    stop: str
    heads: tuple[str, ...]
    # Furniture: labels stand on every page, sentences too; "{n}", "{date}" and "{name}" differ from page to page.
    menu: tuple[str, ...]
    labels: tuple[str, ...]
    sentences: tuple[str, ...]
    # Paragraphs that journalists repeat where they fit: part of the article.
    standing: tuple[str, ...]


ENGLISH = Words(
    "en",
    ("The rope-makers' guild", "A surveyor from the valley", "The society of millers", "One retired lighthouse keeper",
     "The town's archivist", "A class of apprentices", "The bell founders", "Two sisters who weave", "The harbour board",
     "The keeper of the granary", "A team of divers", "The parish council"),
    ("has measured", "wants to reopen", "will repaint", "gave back", "has drawn", "hopes to mend", "counted", "described",
     "is moving", "photographed", "has bought", "will list"),
    ("the old drying loft", "four carved doors", "a wooden crane", "the tiled stair", "eleven painted sledges",
     "the weavers' ledger", "a stone trough", "the copper weather vane", "the salt store", "three iron gates",
     "the pilgrims' well", "a chest of maps"),
    ("near the lower bridge", "before the first frost", "with money from the county", "for the second time this year",
     "after a quarrel over its age", "under the eyes of the neighbours", "in the rain", "without closing the road",
     "as the charter of 1642 asks", "together with pupils", "on the island", "behind the fish market"),
    " ", ".",
    ("What the records say", "A long repair", "The next step"),
    ("Front door", "Old trades", "Villages", "Letters", "Workshop days"),
    ("Pass this on to a neighbour", "More from the valley", "{n} readers have nodded", "Penned by {name}",
     "Set in type on {date}"),
    ("The Valley Lantern is printed by four people and a patient dog.",
     "Tell us what we missed: the editors' window is open on market days.",
     "Nothing here may be copied onto tea towels without asking."),
    ("The register of old trades was begun in 1931 and names the places where a craft was practised for a hundred years.",
     "A trade is struck from the register when nobody has practised it for a generation, which has happened nine times."),
)
FRENCH = Words(
    "fr",
    ("La guilde des cordiers", "Une géomètre du canton", "La société des meuniers", "Un ancien gardien de phare",
     "L'archiviste de la ville", "Une classe d'apprentis", "Les fondeurs de cloches", "Deux sœurs tisserandes",
     "Le conseil du port", "La gardienne du grenier", "Une équipe de plongeurs", "Le comité du quartier"),
    ("a mesuré", "veut rouvrir", "repeindra", "a rendu", "a dessiné", "espère réparer", "a compté", "a décrit", "déplace",
     "a photographié", "vient d'acheter", "va recenser"),
    ("l'ancien séchoir", "quatre portes sculptées", "une grue de bois", "l'escalier de faïence", "onze traîneaux peints",
     "le registre des tisserands", "une auge de pierre", "la girouette de cuivre", "le dépôt de sel",
     "trois grilles de fer", "le puits des pèlerins", "un coffre de cartes"),
    ("près du pont d'en bas", "avant les premières gelées", "avec l'argent du canton", "pour la deuxième fois cette année",
     "après une dispute sur son âge", "sous les yeux des voisins", "sous la pluie", "sans fermer la route",
     "comme le veut la charte de 1642", "avec des écoliers", "sur l'île", "derrière la halle aux poissons"),
    " ", ".",
    ("Ce que disent les registres", "Une longue réparation", "La prochaine étape"),
    ("Le seuil", "Vieux métiers", "Villages", "Courrier", "Journées d'atelier"),
    ("Faites passer au voisin", "Encore de la vallée", "{n} lecteurs ont hoché la tête", "Plume de {name}",
     "Composé le {date}"),
    ("La Lanterne du val est imprimée par quatre personnes et un chien patient.",
     "Dites-nous ce qui nous a échappé : la fenêtre de la rédaction s'ouvre les jours de marché.",
     "Rien de ceci ne se copie sur des torchons sans demander."),
    ("Le registre des vieux métiers, ouvert en 1931, nomme les lieux où un métier fut exercé pendant cent ans.",
     "Un métier est rayé du registre quand nul ne l'exerce depuis une génération, ce qui est arrivé neuf fois."),
)
GERMAN = Words(
    "de",
    ("Die Zunft der Seiler", "Eine Landmesserin aus dem Tal", "Der Verein der Müller", "Ein früherer Leuchtturmwärter",
     "Die Archivarin der Stadt", "Eine Klasse von Lehrlingen", "Die Glockengießer", "Zwei Schwestern am Webstuhl",
     "Der Hafenrat", "Die Hüterin des Speichers", "Eine Gruppe von Tauchern", "Der Ortsbeirat"),
    ("vermisst", "öffnet bald wieder", "streicht im Herbst", "übergibt", "zeichnet", "richtet mühsam", "zählt",
     "beschreibt", "versetzt", "fotografiert", "kauft", "verzeichnet"),
    ("den alten Trockenboden", "vier geschnitzte Türen", "einen hölzernen Kran", "die gekachelte Treppe",
     "elf bemalte Schlitten", "das Buch der Weber", "einen steinernen Trog", "die kupferne Wetterfahne",
     "das Salzlager", "drei eiserne Tore", "den Brunnen der Pilger", "eine Truhe voller Karten"),
    ("nahe der unteren Brücke", "vor dem ersten Frost", "mit Geld des Kreises", "zum zweiten Mal in diesem Jahr",
     "nach einem Streit um ihr Alter", "unter den Augen der Nachbarn", "bei Regen", "ohne die Straße zu sperren",
     "wie es die Urkunde von 1642 verlangt", "zusammen mit Schülern", "auf der Insel", "hinter dem Fischmarkt"),
    " ", ".",
    ("Was die Bücher sagen", "Eine lange Reparatur", "Der nächste Schritt"),
    ("Haustür", "Alte Gewerbe", "Dörfer", "Briefkasten", "Werkstatttage"),
    ("Reich es dem Nachbarn", "Noch mehr aus dem Tal", "{n} Leser haben genickt", "Aus der Feder von {name}",
     "Gesetzt am {date}"),
    ("Die Tallaterne wird von vier Menschen und einem geduldigen Hund gedruckt.",
     "Sagen Sie uns, was fehlt: Das Fenster der Schreibstube steht an Markttagen offen.",
     "Nichts davon kommt ungefragt auf Geschirrtücher."),
    ("Das Verzeichnis der alten Gewerbe wurde 1931 begonnen und nennt Orte, an denen hundert Jahre lang gearbeitet wurde.",
     "Gestrichen wird ein Gewerbe, wenn es ein Menschenalter lang niemand ausgeübt hat, was bisher neunmal geschah."),
)
SPANISH = Words(
    "es",
    ("El gremio de cordeleros", "Una agrimensora del valle", "La sociedad de molineros", "Un antiguo farero",
     "La archivera de la villa", "Una clase de aprendices", "Los fundidores de campanas", "Dos hermanas tejedoras",
     "La junta del puerto", "La guardiana del granero", "Un equipo de buzos", "El concejo del barrio"),
    ("ha medido", "quiere reabrir", "pintará", "devolvió", "ha dibujado", "espera reparar", "contó", "describió", "traslada",
     "fotografió", "ha comprado", "va a inventariar"),
    ("el viejo secadero", "cuatro puertas talladas", "una grúa de madera", "la escalera de azulejos",
     "once trineos pintados", "el libro de los tejedores", "una pila de piedra", "la veleta de cobre",
     "el almacén de sal", "tres rejas de hierro", "el pozo de los peregrinos", "un arca de mapas"),
    ("junto al puente de abajo", "antes de la primera helada", "con dinero de la comarca", "por segunda vez este año",
     "tras una disputa sobre su edad", "a la vista de los vecinos", "bajo la lluvia", "sin cerrar el camino",
     "como pide la carta de 1642", "con la ayuda de escolares", "en la isla", "detrás de la lonja"),
    " ", ".",
    ("Lo que dicen los libros", "Un arreglo largo", "El paso siguiente"),
    ("El umbral", "Viejos oficios", "Aldeas", "Buzón", "Días de taller"),
    ("Páselo a un vecino", "Más cosas del valle", "{n} lectores han asentido", "De la pluma de {name}",
     "Compuesto el {date}"),
    ("El Farol del Valle lo imprimen cuatro personas y un perro paciente.",
     "Díganos qué se nos pasó: la ventana de la redacción se abre los días de mercado.",
     "Nada de esto se copia en paños de cocina sin preguntar."),
    ("El registro de viejos oficios se abrió en 1931 y nombra los lugares donde un oficio se ejerció durante cien años.",
     "Un oficio se tacha del registro cuando nadie lo ejerce durante una generación, y eso ha pasado nueve veces."),
)
PORTUGUESE = Words(
    "pt",
    ("A guilda dos cordoeiros", "Uma agrimensora do vale", "A sociedade dos moleiros", "Um antigo faroleiro",
     "A arquivista da vila", "Uma turma de aprendizes", "Os fundidores de sinos", "Duas irmãs tecelãs",
     "A junta do porto", "A guardiã do celeiro", "Uma equipa de mergulhadores", "A comissão do bairro"),
    ("mediu", "quer reabrir", "vai pintar", "devolveu", "desenhou", "espera consertar", "contou", "descreveu", "desloca",
     "fotografou", "comprou", "vai inventariar"),
    ("o velho secadouro", "quatro portas talhadas", "uma grua de madeira", "a escada de azulejos", "onze trenós pintados",
     "o livro dos tecelões", "uma pia de pedra", "o cata-vento de cobre", "o armazém de sal", "três portões de ferro",
     "o poço dos peregrinos", "uma arca de mapas"),
    ("junto à ponte de baixo", "antes da primeira geada", "com dinheiro do concelho", "pela segunda vez este ano",
     "depois de uma disputa sobre a idade", "à vista dos vizinhos", "à chuva", "sem fechar a estrada",
     "como pede a carta de 1642", "com a ajuda de alunos", "na ilha", "atrás do mercado do peixe"),
    " ", ".",
    ("O que dizem os livros", "Um longo conserto", "O passo seguinte"),
    ("Soleira", "Ofícios velhos", "Aldeias", "Caixa do correio", "Dias de oficina"),
    ("Passe ao vizinho", "Mais coisas do vale", "{n} leitores acenaram", "Da pena de {name}", "Composto em {date}"),
    ("A Lanterna do Vale é impressa por quatro pessoas e um cão paciente.",
     "Diga-nos o que nos escapou: a janela da redação abre nos dias de feira.",
     "Nada disto se copia em panos da loiça sem perguntar."),
    ("O registo dos ofícios velhos foi aberto em 1931 e nomeia os lugares onde um ofício foi exercido durante cem anos.",
     "Um ofício é riscado do registo quando ninguém o exerce durante uma geração, o que já aconteceu nove vezes."),
)
RUSSIAN = Words(
    "ru",
    ("Гильдия канатчиков", "Землемер из долины", "Общество мельников", "Бывший смотритель маяка", "Городской архивариус",
     "Класс подмастерьев", "Мастерская литейщиков", "Семья ткачей", "Совет гавани", "Хранительница амбара",
     "Отряд водолазов", "Комитет прихода"),
    ("измеряет", "снова открывает", "красит", "возвращает", "рисует", "чинит", "считает", "описывает", "переносит",
     "снимает на плёнку", "покупает", "вносит в список"),
    ("старую сушильню", "четыре резные двери", "деревянный кран", "изразцовую лестницу", "одиннадцать расписных саней",
     "книгу ткачей", "каменное корыто", "медный флюгер", "соляной склад", "трое железных ворот", "колодец паломников",
     "сундук с картами"),
    ("у нижнего моста", "до первых морозов", "на деньги уезда", "второй раз за год", "после спора о возрасте",
     "на глазах у соседей", "под дождём", "не закрывая дороги", "как велит грамота 1642 года", "вместе со школьниками",
     "на острове", "за рыбным рынком"),
    " ", ".",
    ("О чём говорят книги", "Долгий ремонт", "Следующий шаг"),
    ("Порог", "Старые ремёсла", "Деревни", "Почтовый ящик", "Дни мастерских"),
    ("Передай соседу", "Ещё из долины", "{n} читателей кивнули", "Пером водил {name}", "Набрано {date}"),
    ("Долинный фонарь печатают четыре человека и терпеливая собака.",
     "Скажите нам, что мы упустили: окно редакции открыто в базарные дни.",
     "Ничего отсюда нельзя без спроса печатать на полотенцах."),
    ("Реестр старых ремёсел начат в 1931 году и называет места, где одним делом занимались не менее ста лет.",
     "Ремесло вычёркивают из реестра, когда целое поколение никто им не занимается, и так было девять раз."),
)
CHINESE = Words(
    "zh",
    ("绳匠行会", "山谷里的一位测量员", "磨坊主协会", "一位退休的灯塔看守", "镇上的档案员", "一班学徒", "铸钟师傅们",
     "两位织布的姐妹", "港口委员会", "粮仓的看护人", "一队潜水员", "街坊委员会"),
    ("测量了", "打算重新开放", "将要粉刷", "归还了", "画下了", "希望修好", "清点了", "描述了", "正在搬迁", "拍摄了", "买下了",
     "将登记"),
    ("旧晾晒阁楼", "四扇雕花门", "一架木吊车", "铺瓷砖的楼梯", "十一架彩绘雪橇", "织工的账本", "一口石槽", "铜风向标", "盐仓",
     "三道铁门", "朝圣者的水井", "一箱地图"),
    ("并且就在下桥附近动工", "并且赶在第一场霜之前完成", "所需费用由县里承担", "这已经是今年的第二次",
     "此前人们为它的年代争论不休", "邻居们都在一旁看着", "当时正下着雨", "道路没有封闭",
     "这也是一六四二年文书的要求", "学生们也来帮忙", "地点是在小岛上", "地点在鱼市后面"),
    ",", "。",
    ("账册里的说法", "漫长的修补", "下一步打算"),
    ("门厅", "老手艺", "村落", "信箱", "作坊日"),
    ("转给隔壁邻居", "山谷里的其他事", "已有{n}位读者点头", "执笔:{name}", "排字于{date}"),
    ("山谷灯笼由四个人和一条有耐心的狗印刷而成。", "请告诉我们遗漏了什么,编辑部的窗口逢集市日打开。",
     "未经询问,此处内容不得印在茶巾上。"),
    ("老手艺名册始于一九三一年,记下了某种手艺延续百年以上的地方。", "若一代人之内无人从事,这门手艺便从名册中划去,至今已有九次。"),
)
ARABIC = Words(
    "ar",
    ("نقابة صانعي الحبال", "مسّاحة من الوادي", "جمعية الطحّانين", "حارس منارة متقاعد", "أمين أرشيف البلدة",
     "صف من المتدرّبين", "ورشة سبّاكي الأجراس", "عائلة من النسّاجين", "مجلس المرفأ", "حارسة مخزن الحبوب",
     "فريق من الغوّاصين", "لجنة الحي"),
    ("تقيس", "تعيد فتح", "تطلي", "تعيد", "ترسم", "تصلح", "تعدّ", "تصف", "تنقل", "تصوّر", "تشتري", "تسجّل"),
    ("غرفة التجفيف القديمة", "أربعة أبواب منحوتة", "رافعة خشبية", "الدرج المبلّط", "إحدى عشرة زلّاجة ملوّنة",
     "دفتر النسّاجين", "حوضا من الحجر", "دوّارة الرياح النحاسية", "مخزن الملح", "ثلاث بوابات من حديد", "بئر الحجّاج",
     "صندوقا من الخرائط"),
    ("قرب الجسر السفلي", "قبل أول صقيع", "بمال من المحافظة", "للمرة الثانية هذا العام", "بعد خلاف حول عمرها",
     "أمام أعين الجيران", "تحت المطر", "من دون إغلاق الطريق", "كما تطلب وثيقة سنة 1642", "مع تلاميذ المدرسة",
     "في الجزيرة", "خلف سوق السمك"),
    " ", ".",
    ("ما تقوله السجلات", "إصلاح طويل", "الخطوة التالية"),
    ("العتبة", "حرف قديمة", "قرى", "صندوق البريد", "أيام الورشة"),
    ("مرّرها إلى جارك", "المزيد من الوادي", "{n} قارئا أومأوا", "بريشة {name}", "صُفّت في {date}"),
    ("يطبع فانوس الوادي أربعة أشخاص وكلب صبور.", "أخبرونا بما فاتنا، فنافذة التحرير مفتوحة في أيام السوق.",
     "لا يُنسخ شيء من هذا على مناشف الشاي من دون سؤال."),
    ("بدأ سجل الحرف القديمة سنة 1931 وهو يسمّي الأماكن التي مورست فيها حرفة مئة عام.",
     "تُشطب الحرفة من السجل حين لا يمارسها أحد طوال جيل كامل، وقد حدث ذلك تسع مرات."),
)  # fmt: skip
LANGUAGES = {w.code: w for w in (ENGLISH, FRENCH, GERMAN, SPANISH, PORTUGUESE, RUSSIAN, CHINESE, ARABIC)}
