### Slovak.

## The page

secured_by = Zabezpečuje Kassa
default_title = Dokončite nákup
languages = Jazyk
terms_link = Obchodné podmienky
privacy_link = Ochrana osobných údajov
support_link = Zákaznícka podpora
opens_in_new_tab = (otvorí sa na novej karte)

## The order

order_summary = Súhrn objednávky
quantity = Množstvo
more_lines =
    { $count ->
        [one] Zobraziť ešte { $count } položku
        [few] Zobraziť ešte { $count } položky
       *[other] Zobraziť ešte { $count } položiek
    }
item = Produkt
discount = Zľava
delivery = Doručenie
tax = Daň
surcharge = Príplatok
subtotal = Medzisúčet
including_tax = Vrátane dane
total = Celkom
order_number = Číslo objednávky

## Ways to pay

payment_heading = Spôsob platby
pay_now = Zaplatiť teraz
pay_later = Zaplatiť neskôr
pay_over_time = Zaplatiť na splátky
about_pay_now = Zaplaťte celú sumu dnes.
about_pay_later = Zaplaťte v neskoršom termíne.
about_pay_over_time = Rozložte sumu do viacerých platieb.
about_direct_debit = Suma sa stiahne z vášho bankového účtu.
about_direct_bank_transfer = Zaplaťte priamo zo svojho bankového účtu.

## The consumer's details

details_heading = Vaše údaje
email = E-mailová adresa
one_time_code = Jednorazový kód
one_time_code_hint = Šesť číslic
sign_up_heading = Ste tu prvýkrát
sign_up_hint = Potrebujeme ešte niekoľko údajov, iba tentoraz.
given_name = Meno
family_name = Priezvisko
date_of_birth = Dátum narodenia

## Buttons, and the payment form

buy = Kúpiť
rent = Prenajať
book = Rezervovať
subscribe = Predplatiť
download = Stiahnuť
order = Objednať
continue_purchase = Pokračovať
pay = Zaplatiť
processing = Spracúva sa…
script_needed = Na zaplatenie je potrebný JavaScript. Zapnite ho v prehliadači alebo sa vráťte do obchodu.
category_unavailable = Tento spôsob platby nie je pre tento nákup dostupný. Vyberte iný.
payment_not_finished = Platba nie je dokončená. Môžete to skúsiť znova.
back = Späť do obchodu
cancel = Zrušiť nákup

## Errors and notices

error_prefix = Chyba:
error_summary = Skontrolujte, prosím, nasledujúce
category_not_chosen = Vyberte, ako chcete zaplatiť.
email_not_readable = Zadajte e-mailovú adresu, napríklad meno@example.com.
code_not_readable = Zadajte šesť číslic kódu.
code_rejected = Tento kód nie je správny. Skontrolujte ho a zadajte ho znova.
given_name_missing = Zadajte svoje meno.
family_name_missing = Zadajte svoje priezvisko.
date_of_birth_not_readable = Zadajte svoj dátum narodenia.
order_changed = Objednávka sa zmenila. Skontrolujte, prosím, novú sumu.
expires_soon = Platnosť tohto platobného odkazu uplynie o { $time }. Ak potrebujete viac času, požiadajte obchod o nový odkaz.
category_declined = Tento spôsob platby nie je pre váš nákup dostupný. Vyberte iný.

## The explanation of the sandbox

sandbox_heading = Testovacie prostredie: žiadne skutočné peniaze
sandbox_code = ľubovoľných šesť číslic okrem 999999
sandbox_approves = platba sa schváli
sandbox_declines = platba sa zamietne
sandbox_fails = platba sa skončí technickou chybou
sandbox_signs_up = vyžiada sa meno a dátum narodenia

## The question before a cancellation

cancel_heading = Zrušiť nákup?
cancel_text = Nič nebolo zaúčtované. Ak nákup zrušíte, tento platobný odkaz prestane fungovať.
cancel_confirm = Áno, zrušiť nákup
keep_paying = Pokračovať v platbe

## Outcomes

declined_heading = Platba bola zamietnutá
declined_text = Nič nebolo zaúčtované. Môžete to skúsiť znova alebo si v obchode vybrať iný spôsob platby.
error_heading = Niečo sa pokazilo
error_text = Platbu prerušila technická chyba. Nič nebolo zaúčtované.
confirming_heading = Vaša platba sa potvrdzuje
confirming_text = Môže to trvať niekoľko minút. Nemusíte nič robiť. Neplaťte, prosím, znova: obchod sa o výsledku dozvie, aj keď túto stránku zatvoríte.
completed_heading = Platba potvrdená
completed_text = Ďakujeme. Obchod dostal informáciu a postará sa o ostatné.
cancelled_heading = Nákup bol zrušený
cancelled_text = Nič nebolo zaúčtované. Túto stránku môžete zatvoriť.
went_back_heading = Opustili ste platbu
went_back_text = Nič nebolo zaúčtované. Nákup môžete stále dokončiť.
disabled_heading = Tento platobný odkaz už nie je platný
disabled_text = Obchod ho stiahol. Požiadajte obchod o nový odkaz.
expired_heading = Platnosť tohto platobného odkazu uplynula
expired_text = Požiadajte obchod o nový odkaz.
not_found_heading = Tento platobný odkaz nepoznáme
not_found_text = Skontrolujte, či ste skopírovali celý odkaz, alebo požiadajte obchod o nový.
unavailable_heading = Skúste to, prosím, o chvíľu znova
unavailable_text = Platobná stránka je dočasne nedostupná. Nič nebolo zaúčtované.
no_payments_heading = Tento obchod teraz nemôže prijímať platby
no_payments_text = Nič nebolo zaúčtované. Opýtajte sa, prosím, obchodu, ako môžete zaplatiť.
retry = Skúsiť znova
continue_to_shop = Pokračovať do obchodu
return_to_shop = Vrátiť sa do obchodu
moving_on = O chvíľu sa vrátite do obchodu. Ak sa nič nestane, použite tlačidlo.

## In a shop with staff

id_check_heading = Ukážte, prosím, doklad totožnosti
id_check_text = Ukážte personálu svoj doklad totožnosti a tento kód. Po ich kontrole bude táto stránka sama pokračovať.
id_check_code = Kód
display_heading = Naskenujte kód a zaplaťte
display_text = Namierte fotoaparát telefónu na kód a otvorte odkaz.
status_waiting = Čaká sa na zákazníka
status_in_progress = Zákazník platí
status_back = Zákazník opustil platbu
status_timed_out = Zákazník platbu nedokončil
staff_title = Platba v obchode
staff_scan = Zákazník naskenuje tento kód telefónom a zaplatí v ňom.
staff_open_display = Otvoriť obrazovku pre zákazníka
staff_send_email = Odoslať odkaz e-mailom
staff_send_sms = Odoslať odkaz SMS správou
phone = Telefónne číslo
staff_send = Odoslať
staff_sent = Odkaz sa o chvíľu odošle.
staff_not_sent = Odkaz nebol odoslaný. Skontrolujte adresu alebo číslo, a ak sú správne, skúste to neskôr znova.
staff_id_check_heading = Skontrolujte doklad totožnosti
staff_id_check_text = Porovnajte kód s kódom v telefóne zákazníka. Potom porovnajte doklad s osobou pred vami.
staff_id_check_pass = Doklad je v poriadku
staff_id_check_fail = Zamietnuť platbu
staff_id_check_over = Táto kontrola sa skončila. Zákazník môže znova skúsiť zaplatiť.
staff_disable = Zneplatniť odkaz
staff_disable_text = Zákazník potom už týmto odkazom nebude môcť zaplatiť.
staff_disable_yes = Áno, zneplatniť odkaz

## Messages

message_subject = Váš nákup v obchode { $shop }
message_text = Dokončite nákup v obchode { $shop }: { $link }
