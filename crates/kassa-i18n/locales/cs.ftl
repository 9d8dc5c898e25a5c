### Czech.

## The page

secured_by = Zabezpečuje Kassa
default_title = Dokončete nákup
languages = Jazyk
terms_link = Obchodní podmínky
privacy_link = Ochrana osobních údajů
support_link = Zákaznická podpora
opens_in_new_tab = (otevře se na nové kartě)

## The order

order_summary = Souhrn objednávky
quantity = Množství
more_lines =
    { $count ->
        [one] Zobrazit ještě { $count } položku
        [few] Zobrazit ještě { $count } položky
       *[other] Zobrazit ještě { $count } položek
    }
item = Položka
discount = Sleva
delivery = Doprava
tax = DPH
surcharge = Příplatek
subtotal = Mezisoučet
including_tax = Včetně DPH
total = Celkem
order_number = Číslo objednávky

## Ways to pay

payment_heading = Způsob platby
pay_now = Zaplatit nyní
pay_later = Zaplatit později
pay_over_time = Zaplatit na splátky
about_pay_now = Zaplaťte celou částku dnes.
about_pay_later = Zaplaťte později.
about_pay_over_time = Rozložte částku do několika plateb.
about_direct_debit = Částka bude stržena z vašeho bankovního účtu.
about_direct_bank_transfer = Zaplaťte přímo z bankovního účtu.

## The consumer's details

details_heading = Vaše údaje
email = E-mailová adresa
one_time_code = Jednorázový kód
one_time_code_hint = Šest číslic
sign_up_heading = Jste tu poprvé
sign_up_hint = Potřebujeme ještě několik údajů, jen pro tentokrát.
given_name = Jméno
family_name = Příjmení
date_of_birth = Datum narození

## Buttons, and the payment form

buy = Koupit
rent = Pronajmout
book = Rezervovat
subscribe = Předplatit
download = Stáhnout
order = Objednat
continue_purchase = Pokračovat
pay = Zaplatit
processing = Zpracovává se…
script_needed = K zaplacení je potřeba JavaScript. Zapněte jej v prohlížeči, nebo se vraťte do obchodu.
category_unavailable = Tento způsob platby není pro tento nákup dostupný. Vyberte jiný.
payment_not_finished = Platba není dokončena. Můžete to zkusit znovu.
back = Zpět do obchodu
cancel = Zrušit nákup

## Errors and notices

error_prefix = Chyba:
error_summary = Zkontrolujte prosím následující
category_not_chosen = Zvolte, jak chcete zaplatit.
email_not_readable = Zadejte e-mailovou adresu, například jmeno@example.com.
code_not_readable = Zadejte šest číslic kódu.
code_rejected = Tento kód není správný. Zkontrolujte ho a zadejte znovu.
given_name_missing = Zadejte své jméno.
family_name_missing = Zadejte své příjmení.
date_of_birth_not_readable = Zadejte své datum narození.
order_changed = Objednávka se změnila. Zkontrolujte prosím novou částku.
expires_soon = Tento platební odkaz platí do { $time }. Pokud potřebujete více času, požádejte obchod o nový odkaz.
category_declined = Tento způsob platby není pro váš nákup dostupný. Zvolte prosím jiný.

## The explanation of the sandbox

sandbox_heading = Testovací prostředí: bez skutečných peněz
sandbox_code = libovolných šest číslic kromě 999999
sandbox_approves = platba je schválena
sandbox_declines = platba je zamítnuta
sandbox_fails = platba skončí technickou chybou
sandbox_signs_up = požaduje se jméno a datum narození

## The question before a cancellation

cancel_heading = Zrušit nákup?
cancel_text = Nic nebylo strženo. Pokud nákup zrušíte, tento platební odkaz přestane fungovat.
cancel_confirm = Ano, zrušit nákup
keep_paying = Pokračovat v platbě

## Outcomes

declined_heading = Platba byla zamítnuta
declined_text = Nic nebylo strženo. Můžete to zkusit znovu nebo v obchodě zvolit jiný způsob platby.
error_heading = Něco se nepovedlo
error_text = Platbu přerušila technická chyba. Nic nebylo strženo.
confirming_heading = Vaše platba se potvrzuje
confirming_text = Může to trvat několik minut. Nemusíte nic dělat. Neplaťte znovu: obchod se výsledek dozví, i když tuto stránku zavřete.
completed_heading = Platba potvrzena
completed_text = Děkujeme. Obchod byl informován a o zbytek se postará.
cancelled_heading = Nákup je zrušen
cancelled_text = Nic nebylo strženo. Tuto stránku můžete zavřít.
went_back_heading = Opustili jste platbu
went_back_text = Nic nebylo strženo. Nákup můžete stále dokončit.
disabled_heading = Tento platební odkaz již neplatí
disabled_text = Obchod ho stáhl. Požádejte obchod o nový odkaz.
expired_heading = Platnost tohoto platebního odkazu vypršela
expired_text = Požádejte obchod o nový odkaz.
not_found_heading = Tento platební odkaz neznáme
not_found_text = Zkontrolujte, zda je odkaz celý, nebo požádejte obchod o nový.
unavailable_heading = Zkuste to prosím za chvíli znovu
unavailable_text = Platební stránka je dočasně nedostupná. Nic nebylo strženo.
no_payments_heading = Tento obchod teď nemůže přijímat platby
no_payments_text = Nic nebylo strženo. Zeptejte se prosím obchodu, jak můžete zaplatit.
retry = Zkusit znovu
continue_to_shop = Pokračovat do obchodu
return_to_shop = Zpět do obchodu
moving_on = Za chvíli budete přesměrováni zpět do obchodu. Pokud se nic nestane, použijte tlačítko.

## In a shop with staff

id_check_heading = Předložte prosím doklad totožnosti
id_check_text = Ukažte obsluze svůj doklad totožnosti a tento kód. Po jejich kontrole bude stránka sama pokračovat.
id_check_code = Kód
display_heading = Naskenujte kód a zaplaťte
display_text = Namiřte fotoaparát telefonu na kód a otevřete odkaz.
status_waiting = Čeká se na zákazníka
status_in_progress = Zákazník platí
status_back = Zákazník opustil platbu
status_timed_out = Zákazník platbu nedokončil
staff_title = Platba v obchodě
staff_scan = Zákazník naskenuje tento kód telefonem a zaplatí v něm.
staff_open_display = Otevřít obrazovku pro zákazníka
staff_send_email = Odeslat odkaz e-mailem
staff_send_sms = Odeslat odkaz SMS zprávou
phone = Telefonní číslo
staff_send = Odeslat
staff_sent = Odkaz bude za chvíli odeslán.
staff_not_sent = Odkaz nebyl odeslán. Zkontrolujte adresu nebo číslo, a pokud jsou správné, zkuste to později znovu.
staff_id_check_heading = Zkontrolujte doklad totožnosti
staff_id_check_text = Porovnejte kód s kódem v telefonu zákazníka. Potom porovnejte doklad s osobou před vámi.
staff_id_check_pass = Doklad je v pořádku
staff_id_check_fail = Zamítnout platbu
staff_id_check_over = Tato kontrola skončila. Zákazník se může pokusit zaplatit znovu.
staff_disable = Zneplatnit odkaz
staff_disable_text = Zákazník pak už tímto odkazem nebude moci zaplatit.
staff_disable_yes = Ano, zneplatnit odkaz

## Messages

message_subject = Váš nákup v obchodě { $shop }
message_text = Dokončete nákup v obchodě { $shop }: { $link }
