### Estonian.

## The page

secured_by = Makset kaitseb Kassa
default_title = Lõpetage ost
languages = Keel
terms_link = Müügitingimused
privacy_link = Privaatsuspoliitika
support_link = Klienditugi
opens_in_new_tab = (avaneb uuel vahekaardil)

## The order

order_summary = Tellimuse kokkuvõte
quantity = Kogus
more_lines =
    { $count ->
        [one] Näita veel { $count } rida
       *[other] Näita veel { $count } rida
    }
item = Toode
discount = Allahindlus
delivery = Kohaletoimetamine
tax = Maks
surcharge = Lisatasu
subtotal = Vahesumma
including_tax = Sisaldab maksu
total = Kokku
order_number = Tellimuse number

## Ways to pay

payment_heading = Makseviis
pay_now = Maksa kohe
pay_later = Maksa hiljem
pay_over_time = Maksa osadena
about_pay_now = Makske kogu summa täna.
about_pay_later = Makske hilisemal kuupäeval.
about_pay_over_time = Jagage summa mitmeks makseks.
about_direct_debit = Summa võetakse teie pangakontolt.
about_direct_bank_transfer = Makske otse oma pangakontolt.

## The consumer's details

details_heading = Teie andmed
email = E-posti aadress
one_time_code = Ühekordne kood
one_time_code_hint = Kuus numbrit
sign_up_heading = Olete siin esimest korda
sign_up_hint = Vajame veel mõnda teavet, ainult seekord.
given_name = Eesnimi
family_name = Perekonnanimi
date_of_birth = Sünniaeg

## Buttons, and the payment form

buy = Osta
rent = Rendi
book = Broneeri
subscribe = Telli püsivalt
download = Laadi alla
order = Telli
continue_purchase = Jätka
pay = Maksa
processing = Töötlemine…
script_needed = Maksmiseks on vaja JavaScripti. Lülitage see brauseris sisse või minge tagasi poodi.
category_unavailable = See makseviis ei ole selle ostu jaoks saadaval. Palun valige mõni muu.
payment_not_finished = Makse on lõpetamata. Võite uuesti proovida.
back = Tagasi poodi
cancel = Tühista ost

## Errors and notices

error_prefix = Viga:
error_summary = Palun kontrollige järgmist
category_not_chosen = Valige, kuidas soovite maksta.
email_not_readable = Sisestage e-posti aadress, näiteks nimi@example.com.
code_not_readable = Sisestage koodi kuus numbrit.
code_rejected = See kood ei ole õige. Kontrollige seda ja sisestage uuesti.
given_name_missing = Sisestage oma eesnimi.
family_name_missing = Sisestage oma perekonnanimi.
date_of_birth_not_readable = Sisestage oma sünniaeg.
order_changed = Tellimus on muutunud. Palun kontrollige uut kogusummat.
expires_soon = See makselink aegub kell { $time }. Kui vajate rohkem aega, küsige poest uus link.
category_declined = See makseviis ei ole teie ostu jaoks saadaval. Palun valige mõni muu.

## The explanation of the sandbox

sandbox_heading = Testkeskkond: päris raha ei liigu
sandbox_code = mis tahes kuus numbrit, välja arvatud 999999
sandbox_approves = makse kinnitatakse
sandbox_declines = makse lükatakse tagasi
sandbox_fails = makse lõpeb tehnilise veaga
sandbox_signs_up = küsitakse nime ja sünniaega

## The question before a cancellation

cancel_heading = Kas tühistada ost?
cancel_text = Teilt ei ole raha võetud. Kui tühistate, ei saa seda makselinki enam kasutada.
cancel_confirm = Jah, tühista ost
keep_paying = Jätka maksmist

## Outcomes

declined_heading = Makse lükati tagasi
declined_text = Teilt ei ole raha võetud. Võite uuesti proovida või valida poes mõne muu makseviisi.
error_heading = Midagi läks valesti
error_text = Makse katkes tehnilise vea tõttu. Teilt ei ole raha võetud.
confirming_heading = Teie makset kinnitatakse
confirming_text = Selleks võib kuluda mõni minut. Te ei pea midagi tegema. Palun ärge makske uuesti: pood saab tulemuse teada ka siis, kui selle lehe sulgete.
completed_heading = Makse on kinnitatud
completed_text = Aitäh. Poodi on teavitatud ja see hoolitseb ülejäänu eest.
cancelled_heading = Ost on tühistatud
cancelled_text = Teilt ei ole raha võetud. Võite selle lehe sulgeda.
went_back_heading = Lahkusite maksmisest
went_back_text = Teilt ei ole raha võetud. Saate ostu endiselt lõpetada.
disabled_heading = See makselink ei kehti enam
disabled_text = Pood on selle tühistanud. Küsige poest uus link.
expired_heading = See makselink on aegunud
expired_text = Küsige poest uus link.
not_found_heading = Me ei tunne seda makselinki
not_found_text = Kontrollige, kas kopeerisite kogu lingi, või küsige poest uus.
unavailable_heading = Palun proovige hetke pärast uuesti
unavailable_text = Makseleht ei ole ajutiselt kättesaadav. Teilt ei ole raha võetud.
no_payments_heading = See pood ei saa praegu makseid vastu võtta
no_payments_text = Teilt ei ole raha võetud. Palun küsige poelt, kuidas saate maksta.
retry = Proovi uuesti
continue_to_shop = Jätka poodi
return_to_shop = Tagasi poodi
moving_on = Teid suunatakse hetke pärast tagasi poodi. Kui midagi ei juhtu, kasutage nuppu.

## In a shop with staff

id_check_heading = Palun näidake isikut tõendavat dokumenti
id_check_text = Näidake teenindajale oma isikut tõendavat dokumenti ja seda koodi. Kui need on kontrollitud, liigub see leht ise edasi.
id_check_code = Kood
display_heading = Maksmiseks skannige kood
display_text = Suunake telefoni kaamera koodile ja avage link.
status_waiting = Kliendi ootel
status_in_progress = Klient maksab
status_back = Klient lahkus maksmisest
status_timed_out = Klient ei lõpetanud maksmist
staff_title = Makse poes
staff_scan = Klient skannib selle koodi telefoniga ja maksab seal.
staff_open_display = Ava kliendi ekraan
staff_send_email = Saada link e-postiga
staff_send_sms = Saada link SMS-iga
phone = Telefoninumber
staff_send = Saada
staff_sent = Link saadetakse hetke pärast.
staff_not_sent = Linki ei saadetud. Kontrollige aadressi või numbrit ja proovige hiljem uuesti, kui need on õiged.
staff_id_check_heading = Kontrollige isikut tõendavat dokumenti
staff_id_check_text = Võrrelge koodi kliendi telefonis oleva koodiga. Seejärel võrrelge dokumenti teie ees oleva inimesega.
staff_id_check_pass = Dokument on korras
staff_id_check_fail = Lükka makse tagasi
staff_id_check_over = See kontroll on lõppenud. Klient võib uuesti proovida maksta.
staff_disable = Tühista link
staff_disable_text = Klient ei saa siis selle lingiga enam maksta.
staff_disable_yes = Jah, tühista link

## Messages

message_subject = Teie ost: { $shop }
message_text = Lõpetage oma ost ({ $shop }): { $link }
