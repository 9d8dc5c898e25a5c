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

## Messages

message_subject = Az Ön vásárlása: { $shop }
message_text = Fejezze be vásárlását ({ $shop }): { $link }
