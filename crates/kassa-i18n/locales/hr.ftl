### Croatian.

## The page

secured_by = Plaćanje štiti Kassa
default_title = Dovršite kupnju
languages = Jezik
terms_link = Uvjeti poslovanja
privacy_link = Pravila o privatnosti
support_link = Korisnička podrška
opens_in_new_tab = (otvara se u novoj kartici)

## The order

order_summary = Sažetak narudžbe
quantity = Količina
more_lines =
    { $count ->
        [one] Prikaži još { $count } stavku
        [few] Prikaži još { $count } stavke
       *[other] Prikaži još { $count } stavki
    }
item = Artikl
discount = Popust
delivery = Dostava
tax = Porez
surcharge = Nadoplata
subtotal = Međuzbroj
including_tax = Uključen porez
total = Ukupno
order_number = Broj narudžbe

## Ways to pay

payment_heading = Način plaćanja
pay_now = Plati odmah
pay_later = Plati kasnije
pay_over_time = Plati na rate
about_pay_now = Platite cijeli iznos danas.
about_pay_later = Platite na kasniji datum.
about_pay_over_time = Podijelite iznos na više plaćanja.
about_direct_debit = Iznosom se tereti vaš bankovni račun.
about_direct_bank_transfer = Platite izravno sa svojeg bankovnog računa.

## The consumer's details

details_heading = Vaši podaci
email = Adresa e-pošte
one_time_code = Jednokratni kod
one_time_code_hint = Šest znamenki
sign_up_heading = Prvi ste put ovdje
sign_up_hint = Trebamo još nekoliko podataka, samo ovaj put.
given_name = Ime
family_name = Prezime
date_of_birth = Datum rođenja

## Buttons, and the payment form

buy = Kupi
rent = Unajmi
book = Rezerviraj
subscribe = Pretplati se
download = Preuzmi
order = Naruči
continue_purchase = Nastavi
pay = Plati
processing = Obrada…
script_needed = Za plaćanje je potreban JavaScript. Uključite ga u pregledniku ili se vratite u trgovinu.
category_unavailable = Ovaj način plaćanja nije dostupan za ovu kupnju. Odaberite drugi.
payment_not_finished = Plaćanje nije dovršeno. Možete pokušati ponovno.
back = Natrag u trgovinu
cancel = Otkaži kupnju

## Errors and notices

error_prefix = Pogreška:
error_summary = Provjerite sljedeće
category_not_chosen = Odaberite kako želite platiti.
email_not_readable = Unesite adresu e-pošte, na primjer ime@example.com.
code_not_readable = Unesite šest znamenki koda.
code_rejected = Ovaj kod nije točan. Provjerite ga i unesite ponovno.
given_name_missing = Unesite svoje ime.
family_name_missing = Unesite svoje prezime.
date_of_birth_not_readable = Unesite svoj datum rođenja.
order_changed = Narudžba se promijenila. Provjerite novi ukupni iznos.
expires_soon = Ova poveznica za plaćanje istječe u { $time }. Ako trebate više vremena, zatražite od trgovine novu poveznicu.
category_declined = Ovaj način plaćanja nije dostupan za vašu kupnju. Odaberite drugi.

## The explanation of the sandbox

sandbox_heading = Testno okruženje: nema pravog novca
sandbox_code = bilo kojih šest znamenki, osim 999999
sandbox_approves = plaćanje se odobrava
sandbox_declines = plaćanje se odbija
sandbox_fails = plaćanje završava tehničkom pogreškom
sandbox_signs_up = traže se ime i datum rođenja

## The question before a cancellation

cancel_heading = Želite li otkazati kupnju?
cancel_text = Ništa nije naplaćeno. Ako otkažete, ova poveznica za plaćanje prestaje vrijediti.
cancel_confirm = Da, otkaži kupnju
keep_paying = Nastavi plaćanje

## Outcomes

declined_heading = Plaćanje je odbijeno
declined_text = Ništa nije naplaćeno. Možete pokušati ponovno ili u trgovini odabrati drugi način plaćanja.
error_heading = Nešto je pošlo po zlu
error_text = Tehnička pogreška zaustavila je plaćanje. Ništa nije naplaćeno.
confirming_heading = Vaše se plaćanje potvrđuje
confirming_text = To može potrajati nekoliko minuta. Ne morate ništa učiniti. Nemojte ponovno plaćati: trgovina će saznati rezultat čak i ako zatvorite ovu stranicu.
completed_heading = Plaćanje je potvrđeno
completed_text = Hvala. Trgovina je obaviještena i pobrinut će se za ostalo.
cancelled_heading = Kupnja je otkazana
cancelled_text = Ništa nije naplaćeno. Možete zatvoriti ovu stranicu.
went_back_heading = Napustili ste plaćanje
went_back_text = Ništa nije naplaćeno. I dalje možete dovršiti kupnju.
disabled_heading = Ova poveznica za plaćanje više ne vrijedi
disabled_text = Trgovina ju je povukla. Zatražite od trgovine novu poveznicu.
expired_heading = Ova poveznica za plaćanje je istekla
expired_text = Zatražite od trgovine novu poveznicu.
not_found_heading = Ne poznajemo ovu poveznicu za plaćanje
not_found_text = Provjerite jeste li kopirali cijelu poveznicu ili zatražite novu od trgovine.
unavailable_heading = Pokušajte ponovno za trenutak
unavailable_text = Stranica za plaćanje privremeno nije dostupna. Ništa nije naplaćeno.
no_payments_heading = Ova trgovina trenutačno ne može primati plaćanja
no_payments_text = Ništa nije naplaćeno. Pitajte trgovinu kako možete platiti.
retry = Pokušaj ponovno
continue_to_shop = Nastavi u trgovinu
return_to_shop = Natrag u trgovinu
moving_on = Za trenutak ćete se vratiti u trgovinu. Ako se ništa ne dogodi, upotrijebite gumb.

## In a shop with staff

id_check_heading = Molimo pokažite osobni dokument
id_check_text = Pokažite osoblju svoj osobni dokument i ovaj kod. Nakon provjere ova stranica sama nastavlja dalje.
id_check_code = Kod
display_heading = Skenirajte kod i platite
display_text = Usmjerite kameru telefona prema kodu i otvorite poveznicu.
status_waiting = Čeka se kupac
status_in_progress = Kupac plaća
status_back = Kupac je napustio plaćanje
status_timed_out = Kupac nije dovršio plaćanje
staff_title = Plaćanje u trgovini
staff_scan = Kupac telefonom skenira ovaj kod i ondje plaća.
staff_open_display = Otvori zaslon za kupca
staff_send_email = Pošalji poveznicu e-poštom
staff_send_sms = Pošalji poveznicu SMS-om
phone = Broj telefona
staff_send = Pošalji
staff_sent = Poveznica će biti poslana za trenutak.
staff_not_sent = Poveznica nije poslana. Provjerite adresu ili broj i, ako su točni, pokušajte ponovno kasnije.
staff_id_check_heading = Provjerite osobni dokument
staff_id_check_text = Usporedite kod s onim na kupčevu telefonu. Zatim usporedite dokument s osobom ispred sebe.
staff_id_check_pass = Dokument je ispravan
staff_id_check_fail = Odbij plaćanje
staff_id_check_over = Ova je provjera završila. Kupac može ponovno pokušati platiti.
staff_disable = Povuci poveznicu
staff_disable_text = Kupac tada više ne može platiti ovom poveznicom.
staff_disable_yes = Da, povuci poveznicu

## Messages

message_subject = Vaša kupnja: { $shop }
message_text = Dovršite svoju kupnju ({ $shop }): { $link }
