"""Words that many organisations share: what they are called, whom they serve, where they are; in seven languages.

They tell what makes a name from what only describes it, and a description in one language from another in the next; a word that is
missing here makes the comparison stricter. One line for each meaning, which its first word stands for; a line that begins with the same
word goes on. A hyphen at the end makes a stem.
"""

from enum import StrEnum

from app.organisations.spelling import fold


class Sort(StrEnum):
    """What a word tells about an organisation."""

    BODY = "body"  # a kind of organisation
    QUALITY = "quality"  # what is left out first when a name is said in short
    SCOPE = "scope"  # a nation, or how far it reaches
    TOPIC = "topic"  # a field or a group
    PLACE = "place"
    ACRONYM = "acronym"
    NAME = "name"  # everything else


_BODIES = """
centre center centr- центр- цэнтр- zentrum- centrum- asiarodak- асяродак- асяродд- осеред- ośrod-
organisation- organization- organizac- организац- арганізац- організац-
association- ассоциац- асацыяц- асоціац- asocjac- assoziation- asociac-
union- союз- саюз- спілк- związ- verband- verein- svaz-
unity объединен- аб'яднанн- аб'ядан- об'єднанн- zjednoczen- vereinigung- stowarzyszen- stow spolek таварыств- товарищест- товариств- towarzystw-
unity society- gesellschaft- абществ- общество община
committee- комитет- камітэт- комітет- komitet- komitee- ausschuss-
council- совет рад рада рады rada- rat rates
foundation- fund funds фонд- fundac- stiftung- fond trust- nadac-
initiative- инициатив- ініцыятыв- ініцыятыўн- ініціатив- inicjatyw-
movement- движен- рух ruch bewegung- hnutí-
group- групп- груп- grup- gruppe-
network- сеть сетка сетк- мереж- sieć- netzwerk- sít-
house дом дому будинок будин- haus domu
club клуб- klub-
league лига лиги ліга ліги ligue liga
coalition- коалиц- кааліц- коаліц- koalic- koalition- alliance- альянс- аліянс- sojusz- bündnis-
institute- институт- інстытут- інститут- instytut- institut-
forum- форум-
platform- платформ- plattform-
campaign- кампан- kampan- kampagn-
federation- федерац- федэрац- federac- föderation- konfederac- confederation-
office- бюро biuro- büro- buro- bureau-
partner- партнёр- партнер- партнэр-
project- проект- праект- проєкт- projekt-
programme- program- программ- праграм- програм-
agency- агентств- агенцтв- агенств- agenc- agentur-
service- служб- служб- służb- dienst-
school schools школ- szkoł- schule
studio студия студыя студія
library- библиотек- бібліятэк- бібліотек- bibliotek- bibliothek-
theatre theater театр- тэатр- teatr-
museum- музе- muze-
newspaper- газет- gazet- zeitung-
magazine- журнал часопіс- часопис- czasopism- zeitschrift-
laborator- лаборатор- лабаратор- labor
assembl- ассамбле- асамбле- zgromadzen- versammlung-
workshop- мастерск- майстэрн- майстерн- warsztat- werkstatt-
section- секц- sekc- sektion- branch- отделен- аддзяленн- аддзел- відділенн- oddział-
party партия партии партыя партыі партія партії partia partii partei
mission миссия місія misja
community- громад- грамад грамада- gemeinschaft- społecznoś- суполк- супольн-
"""
_QUALITIES = """
human- человек- чалавек- людин- człowiek- mensch- правозащитн- праваабарон- правозахис- menschenrecht- lidsk-
human- rights- right- прав права право правам praw prawa recht rechte
public civic civil- гражданск- грамадзянск- громадянськ- общественн- грамадск- громадськ- społeczn- obywatelsk- bürger- zivil- občansk-
independent- независим- незалежн- niezależn- unabhängig- nezávisl-
free свободн- вольн- wolny wolna wolne freie freies freier
charit- charity благотворительн- дабрачынн- благодійн- dobroczynn- wohltätig-
educational- образовательн- адукацыйн- освітн- edukacyjn- просветительск- асветніцк- просвітницьк- bildungs-
cultural- культурн- kulturaln- kulturell-
information- informational- информационн- інфармацыйн- інформаційн- informacyjn-
"""
_SCOPES = """
international- intl международн- міжнародн- mezinárodn- międzynarodow-
national- национальн- нацыянальн- національн- narodow- republican- республиканск- рэспубліканск- всеукраинск- всеукраїнськ- ogólnopolsk-
regional- региональн- рэгіянальн- регіональн- regionaln- областн- абласн- обласн-
belarus- беларус- белорус- білорус- białorus-
ukrain- украин- україн- украін-
russia- россии российск- расійск- расіі російськ- росії rosji rosyjsk- russland-
poland polish польш- польск- польськ- польщ- polsk- polen polnisch-
lithuan- литв- литовск- літв- літоўск- литовськ- litw- litewsk- litau-
latvia- латв- латыш- łotw- łotewsk-
estonia- эстон- эстонск- естон- eston- estland-
german- герман- немецк- нямецк- німець- німеч- niemc- niemieck- deutsch-
czech чехии чешск- чэшск- česk- česka
georgia georgian- грузии грузинск- грузіі грузінск- грузії грузинськ- gruzji gruzińsk- georgien-
armenia- армен- армян- арменск- armeńsk- armenien-
moldova- moldavia- молдов- молдав- малдов- mołdaw-
azerbaijan- азербайдж- азэрбайдж- azerbejdż-
kazakh- казах- qazaq-
kyrgyz- кыргыз- киргиз- кірг-
europ- европ- еўрап- еўроп- європ-
caucas- кавказ- каўказ- kaukaz-
baltic балтийск- балтыйск- балтійськ- bałtyck- baltisch-
"""
_TOPICS = """
journalist- journalists журналист- журналіст- dziennikar-
prisoner- prison- заключ- зняволен- вязн- ув'язнен- więzi- gefangen- gefäng-
political- политзаключ- палітвязн- палітзняволен- політв'язн- политическ- палітычн- політичн- polityczn- politisch-
women- woman- женск- женщин- жанчын- жаноч- жіно- жінок kobiet- kobie- frau-
youth молодёж- молодеж- моладз- молодіж- молоді młodzież- jugend-
lawyer- адвокат- юрист- юрыст- адвакат- prawnik- anwält- jurist-
legal- правов- юридическ- юрыдычн- юридичн- prawn- juridisch-
aid help помощ- помощи дапамог- допомог- pomoc- hilfe-
media медиа медыя медіа mediów medien
press пресс прессы прэс прэсы преси prasow- prasy presse
election- выбор- выбар- вибор- wybor- wahl-
observ- monitor- наблюд- назіран- спостереж- мониторинг- маніторынг- моніторинг-
student- students студент- студэнт- studenc-
worker- labour- рабоч- працоўн- робітн- pracow- pracownicz- трудов- arbeit-
ecolog- environment- эколог- эколаг- еколог- ekolog- umwelt- зелён- зялён- green zielon- grün-
culture культур- kultur-
educat- образован- адукац- освіт- edukac- bildung-
refugee- беженц- бежанц- біжен- uchodź- flücht-
migra- мигра- мігра- migr-
children child детей детям детск- дзяцей дзіцяч- дітей дитяч- dzieci kinder
disab- инвалид- інвалід- niepełnospr-
veteran- ветэран- weteran-
writer- писател- пісьменн- письменник- pisarz- pisarzy schriftstell-
freedom- liberty свобод- свабод- wolność wolności freiheit-
solidar- солидарн- салідарн- солідарн-
peace мир мира миру мір міру pokój pokoju frieden-
democra- демократ- дэмакрат- demokrat-
memory- памят- памяц- пам'ят- pamię- erinner- gedenk-
torture пыток пыткам катаван- катуван- tortur folter
defence- defense- defend- protect- защит- абарон- захист- obron- schutz verteidig-
support поддержк- падтрымк- підтримк- wsparci- unterstütz-
develop- развит- развіцц- розвит- rozwoj- entwickl-
research- исследован- даследав- дослідж- badań badani- forsch-
"""
_PLACES = """
minsk- минск- мінск- менск- мінськ- mińsk-
brest- брест- брэст-
hrodna- grodn- гродн- гродз- гроднен-
homel- gomel- гомел- гомель-
viciebsk- vitebsk- витебск- віцебск- vitsebsk-
mahilio- mahile- mogilev- могилёв- магілё- магілёў-
kyiv- kiev- киев- кіеў кіеўск- київ- києв- kijow-
lviv- львов- львів- львоў- lwow-
kharkiv- харьков- харків- харкаў- charkow-
odesa odessa одесс- одес-
moscow- moskau- москов- моск- маскв- маскоўск- moskw- moskiew-
petersb- петербург- пецярбург-
warsaw- warszaw- варшав- варшаў- warschau-
vilnius- вильн- вільн- віленск- wiln- wilna
berlin- берлин- берлін-
"""


def _stems() -> dict[str, tuple[Sort, str]]:
    found: dict[str, tuple[Sort, str]] = {}
    for sort, lines in ((Sort.BODY, _BODIES), (Sort.QUALITY, _QUALITIES), (Sort.SCOPE, _SCOPES), (Sort.TOPIC, _TOPICS), (Sort.PLACE, _PLACES)):
        for line in lines.split("\n"):
            for word in line.split():
                found.setdefault(fold(word) + "-" * word.endswith("-"), (sort, line.split()[0]))
    return found


_STEMS = _stems()
_LONGEST = max(map(len, _STEMS))


def meaning(word: str) -> tuple[Sort, str]:
    """The sort and the meaning of a folded word; a word that is in no list is a name and means itself."""
    if word in _STEMS:
        return _STEMS[word]
    stems = (word[:length] + "-" for length in range(min(len(word), _LONGEST), 2, -1))
    return next((_STEMS[stem] for stem in stems if stem in _STEMS), (Sort.NAME, word))
