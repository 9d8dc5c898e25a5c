### Hungarian.

## The page

secured_by = A fizetést a Kassa védi
default_title = Vásárlás befejezése
languages = Nyelv
terms_link = Általános szerződési feltételek
privacy_link = Adatvédelmi tájékoztató
support_link = Ügyfélszolgálat
opens_in_new_tab = (új lapon nyílik meg)

## The order

order_summary = Rendelés összegzése
quantity = Mennyiség
more_lines =
    { $count ->
        [one] További { $count } tétel megjelenítése
       *[other] További { $count } tétel megjelenítése
    }
item = Termék
discount = Kedvezmény
delivery = Szállítás
tax = Adó
surcharge = Felár
subtotal = Részösszeg
including_tax = Ebből adó
total = Végösszeg
order_number = Rendelésszám

## Ways to pay

payment_heading = Fizetési mód
pay_now = Fizetés most
pay_later = Fizetés később
pay_over_time = Részletfizetés
about_pay_now = Fizesse ki a teljes összeget ma.
about_pay_later = Fizessen egy későbbi időpontban.
about_pay_over_time = Fizesse ki az összeget több részletben.
about_direct_debit = Az összeget bankszámlájáról vonjuk le.
about_direct_bank_transfer = Fizessen közvetlenül a bankszámlájáról.

## The consumer's details

details_heading = Az Ön adatai
email = E-mail-cím
one_time_code = Egyszer használatos kód
one_time_code_hint = Hat számjegy
sign_up_heading = Első alkalommal jár itt
sign_up_hint = Szükségünk van még néhány adatra, csak most az egyszer.
given_name = Utónév
family_name = Családnév
date_of_birth = Születési dátum

## Buttons, and the payment form

buy = Megvásárlás
rent = Bérlés
book = Foglalás
subscribe = Előfizetés
download = Letöltés
order = Megrendelés
continue_purchase = Tovább
pay = Fizetés
processing = Feldolgozás…
script_needed = A fizetéshez JavaScript szükséges. Kérjük, engedélyezze a böngészőjében, vagy térjen vissza az áruházba.
category_unavailable = Ez a fizetési mód ennél a vásárlásnál nem érhető el. Kérjük, válasszon másikat.
payment_not_finished = A fizetés nem fejeződött be. Megpróbálhatja újra.
back = Vissza az áruházba
cancel = Vásárlás megszakítása

## Errors and notices

error_prefix = Hiba:
error_summary = Kérjük, ellenőrizze a következőket
category_not_chosen = Válassza ki, hogyan szeretne fizetni.
email_not_readable = Adjon meg egy e-mail-címet, például nev@example.com.
code_not_readable = Adja meg a kód hat számjegyét.
code_rejected = Ez a kód nem megfelelő. Ellenőrizze, és adja meg újra.
given_name_missing = Adja meg az utónevét.
family_name_missing = Adja meg a családnevét.
date_of_birth_not_readable = Adja meg a születési dátumát.
order_changed = A rendelés megváltozott. Kérjük, ellenőrizze az új végösszeget.
expires_soon = Ez a fizetési link { $time }-kor lejár. Ha több időre van szüksége, kérjen új linket az áruháztól.
category_declined = Ez a fizetési mód az Ön vásárlásához nem érhető el. Kérjük, válasszon másikat.

## The explanation of the sandbox

sandbox_heading = Tesztkörnyezet: valódi pénz nem mozog
sandbox_code = bármilyen hat számjegy, kivéve 999999
sandbox_approves = a fizetést jóváhagyjuk
sandbox_declines = a fizetést elutasítjuk
sandbox_fails = a fizetés technikai hibával végződik
sandbox_signs_up = meg kell adni a nevet és a születési dátumot

## The question before a cancellation

cancel_heading = Megszakítja a vásárlást?
cancel_text = Semmilyen összeget nem terheltünk meg. Ha megszakítja, ez a fizetési link többé nem használható.
cancel_confirm = Igen, megszakítom a vásárlást
keep_paying = Fizetés folytatása

## Outcomes

declined_heading = A fizetést elutasították
declined_text = Semmilyen összeget nem terheltünk meg. Megpróbálhatja újra, vagy választhat másik fizetési módot az áruházban.
error_heading = Hiba történt
error_text = Technikai hiba miatt a fizetés megszakadt. Semmilyen összeget nem terheltünk meg.
confirming_heading = Fizetésének megerősítése folyamatban van
confirming_text = Ez néhány percig tarthat. Nincs semmi teendője. Kérjük, ne fizessen újra: az áruház akkor is értesül az eredményről, ha bezárja ezt az oldalt.
completed_heading = A fizetés megerősítve
completed_text = Köszönjük. Az áruházat értesítettük, a többiről ő gondoskodik.
cancelled_heading = A vásárlás megszakítva
cancelled_text = Semmilyen összeget nem terheltünk meg. Bezárhatja ezt az oldalt.
went_back_heading = Ön elhagyta a fizetést
went_back_text = Semmilyen összeget nem terheltünk meg. Vásárlását továbbra is befejezheti.
disabled_heading = Ez a fizetési link már nem érvényes
disabled_text = Az áruház visszavonta. Kérjen új linket az áruháztól.
expired_heading = Ez a fizetési link lejárt
expired_text = Kérjen új linket az áruháztól.
not_found_heading = Nem ismerjük ezt a fizetési linket
not_found_text = Ellenőrizze, hogy a teljes linket átmásolta-e, vagy kérjen újat az áruháztól.
unavailable_heading = Kérjük, próbálja újra kis idő múlva
unavailable_text = A fizetési oldal átmenetileg nem érhető el. Semmilyen összeget nem terheltünk meg.
no_payments_heading = Ez az áruház jelenleg nem tud fizetést fogadni
no_payments_text = Semmilyen összeget nem terheltünk meg. Kérjük, kérdezze meg az áruházat, hogyan fizethet.
retry = Újra
continue_to_shop = Tovább az áruházba
return_to_shop = Vissza az áruházba
moving_on = Hamarosan visszairányítjuk az áruházba. Ha nem történik semmi, használja a gombot.

## In a shop with staff

id_check_heading = Kérjük, mutassa fel személyazonosító okmányát
id_check_text = Mutassa meg a személyzetnek személyazonosító okmányát és ezt a kódot. Az ellenőrzés után az oldal magától továbblép.
id_check_code = Kód
display_heading = A fizetéshez olvassa be a kódot
display_text = Irányítsa telefonja kameráját a kódra, és nyissa meg a linket.
status_waiting = Várakozás a vásárlóra
status_in_progress = A vásárló éppen fizet
status_back = A vásárló elhagyta a fizetést
status_timed_out = A vásárló nem fejezte be a fizetést
staff_title = Fizetés az áruházban
staff_scan = A vásárló beolvassa ezt a kódot egy telefonnal, és ott fizet.
staff_open_display = A vásárlói képernyő megnyitása
staff_send_email = Link küldése e-mailben
staff_send_sms = Link küldése SMS-ben
phone = Telefonszám
staff_send = Küldés
staff_sent = A linket hamarosan elküldjük.
staff_not_sent = A linket nem küldtük el. Ellenőrizze a címet vagy a számot, és ha helyes, próbálja újra később.
staff_id_check_heading = Ellenőrizze a személyazonosító okmányt
staff_id_check_text = Hasonlítsa össze a kódot a vásárló telefonján láthatóval. Ezután hasonlítsa össze az okmányt az Ön előtt álló személlyel.
staff_id_check_pass = Az okmány rendben van
staff_id_check_fail = Fizetés elutasítása
staff_id_check_over = Ez az ellenőrzés lezárult. A vásárló újra megpróbálhat fizetni.
staff_disable = Link visszavonása
staff_disable_text = A vásárló ezután már nem fizethet ezzel a linkkel.
staff_disable_yes = Igen, visszavonom a linket

## Messages

message_subject = Az Ön vásárlása: { $shop }
message_text = Fejezze be vásárlását ({ $shop }): { $link }
