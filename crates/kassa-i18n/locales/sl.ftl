### Slovenian.

## The page

secured_by = Plačilo varuje Kassa
default_title = Dokončajte nakup
languages = Jezik
terms_link = Splošni pogoji
privacy_link = Pravilnik o zasebnosti
support_link = Podpora strankam
opens_in_new_tab = (odpre se v novem zavihku)

## The order

order_summary = Povzetek naročila
quantity = Količina
more_lines =
    { $count ->
        [one] Prikaži še { $count } postavko
        [two] Prikaži še { $count } postavki
        [few] Prikaži še { $count } postavke
       *[other] Prikaži še { $count } postavk
    }
item = Izdelek
discount = Popust
delivery = Dostava
tax = Davek
surcharge = Doplačilo
subtotal = Vmesni seštevek
including_tax = Vključno z davkom
total = Skupaj
order_number = Številka naročila

## Ways to pay

payment_heading = Način plačila
pay_now = Plačaj zdaj
pay_later = Plačaj pozneje
pay_over_time = Plačaj na obroke
about_pay_now = Plačajte celoten znesek danes.
about_pay_later = Plačajte pozneje.
about_pay_over_time = Razdelite znesek na več plačil.
about_direct_debit = Znesek se odtegne z vašega bančnega računa.
about_direct_bank_transfer = Plačajte neposredno s svojega bančnega računa.

## The consumer's details

details_heading = Vaši podatki
email = E-poštni naslov
one_time_code = Enkratna koda
one_time_code_hint = Šest števk
sign_up_heading = Tukaj ste prvič
sign_up_hint = Potrebujemo še nekaj podatkov, samo tokrat.
given_name = Ime
family_name = Priimek
date_of_birth = Datum rojstva

## Buttons, and the payment form

buy = Kupi
rent = Najemi
book = Rezerviraj
subscribe = Naroči se
download = Prenesi
order = Naroči
continue_purchase = Nadaljuj
pay = Plačaj
processing = Obdelava…
script_needed = Za plačilo je potreben JavaScript. Vklopite ga v brskalniku ali se vrnite v trgovino.
category_unavailable = Ta način plačila za ta nakup ni na voljo. Izberite drugega.
payment_not_finished = Plačilo ni dokončano. Poskusite lahko znova.
back = Nazaj v trgovino
cancel = Prekliči nakup

## Errors and notices

error_prefix = Napaka:
error_summary = Preverite naslednje
category_not_chosen = Izberite, kako želite plačati.
email_not_readable = Vnesite e-poštni naslov, na primer ime@example.com.
code_not_readable = Vnesite šest števk kode.
code_rejected = Ta koda ni prava. Preverite jo in jo vnesite znova.
given_name_missing = Vnesite svoje ime.
family_name_missing = Vnesite svoj priimek.
date_of_birth_not_readable = Vnesite svoj datum rojstva.
order_changed = Naročilo se je spremenilo. Preverite novi skupni znesek.
expires_soon = Ta plačilna povezava poteče ob { $time }. Če potrebujete več časa, prosite trgovino za novo povezavo.
category_declined = Ta način plačila za vaš nakup ni na voljo. Izberite drugega.

## The explanation of the sandbox

sandbox_heading = Preskusno okolje: pravi denar se ne prenaša
sandbox_code = poljubnih šest števk, razen 999999
sandbox_approves = plačilo se odobri
sandbox_declines = plačilo se zavrne
sandbox_fails = plačilo se konča s tehnično napako
sandbox_signs_up = zahtevata se ime in datum rojstva

## The question before a cancellation

cancel_heading = Želite preklicati nakup?
cancel_text = Nič ni bilo zaračunano. Če prekličete, ta plačilna povezava ne bo več delovala.
cancel_confirm = Da, prekliči nakup
keep_paying = Nadaljuj plačilo

## Outcomes

declined_heading = Plačilo je bilo zavrnjeno
declined_text = Nič ni bilo zaračunano. Poskusite lahko znova ali v trgovini izberete drug način plačila.
error_heading = Nekaj je šlo narobe
error_text = Tehnična napaka je prekinila plačilo. Nič ni bilo zaračunano.
confirming_heading = Vaše plačilo se potrjuje
confirming_text = To lahko traja nekaj minut. Ni vam treba storiti ničesar. Ne plačajte znova: trgovina bo izvedela rezultat, tudi če to stran zaprete.
completed_heading = Plačilo je potrjeno
completed_text = Hvala. Trgovina je obveščena in bo poskrbela za vse drugo.
cancelled_heading = Nakup je preklican
cancelled_text = Nič ni bilo zaračunano. To stran lahko zaprete.
went_back_heading = Zapustili ste plačilo
went_back_text = Nič ni bilo zaračunano. Nakup lahko še vedno dokončate.
disabled_heading = Ta plačilna povezava ni več veljavna
disabled_text = Trgovina jo je umaknila. Prosite trgovino za novo povezavo.
expired_heading = Ta plačilna povezava je potekla
expired_text = Prosite trgovino za novo povezavo.
not_found_heading = Te plačilne povezave ne poznamo
not_found_text = Preverite, ali ste kopirali celotno povezavo, ali prosite trgovino za novo.
unavailable_heading = Poskusite znova čez trenutek
unavailable_text = Plačilna stran začasno ni na voljo. Nič ni bilo zaračunano.
no_payments_heading = Ta trgovina trenutno ne more sprejemati plačil
no_payments_text = Nič ni bilo zaračunano. Vprašajte trgovino, kako lahko plačate.
retry = Poskusi znova
continue_to_shop = Nadaljuj v trgovino
return_to_shop = Nazaj v trgovino
moving_on = Čez trenutek se boste vrnili v trgovino. Če se nič ne zgodi, uporabite gumb.

## In a shop with staff

id_check_heading = Prosimo, pokažite osebni dokument
id_check_text = Osebju pokažite svoj osebni dokument in to kodo. Po preverjanju se ta stran nadaljuje sama.
id_check_code = Koda
display_heading = Za plačilo skenirajte kodo
display_text = Usmerite kamero telefona v kodo in odprite povezavo.
status_waiting = Čakanje na kupca
status_in_progress = Kupec plačuje
status_back = Kupec je zapustil plačilo
status_timed_out = Kupec ni dokončal plačila
staff_title = Plačilo v trgovini
staff_scan = Kupec s telefonom skenira to kodo in tam plača.
staff_open_display = Odpri zaslon za kupca
staff_send_email = Pošlji povezavo po e-pošti
staff_send_sms = Pošlji povezavo s SMS-om
phone = Telefonska številka
staff_send = Pošlji
staff_sent = Povezava bo poslana čez trenutek.
staff_not_sent = Povezava ni bila poslana. Preverite naslov ali številko in, če sta pravilna, poskusite znova pozneje.
staff_id_check_heading = Preverite osebni dokument
staff_id_check_text = Primerjajte kodo s tisto na telefonu kupca. Nato primerjajte dokument z osebo pred seboj.
staff_id_check_pass = Dokument je ustrezen
staff_id_check_fail = Zavrni plačilo
staff_id_check_over = To preverjanje se je končalo. Kupec lahko znova poskusi plačati.
staff_disable = Umakni povezavo
staff_disable_text = Kupec potem s to povezavo ne bo mogel več plačati.
staff_disable_yes = Da, umakni povezavo

## Messages

message_subject = Vaš nakup: { $shop }
message_text = Dokončajte svoj nakup ({ $shop }): { $link }
