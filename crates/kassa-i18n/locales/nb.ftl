### Norwegian Bokmål.

## The page

secured_by = Sikret av Kassa
default_title = Fullfør kjøpet
languages = Språk
terms_link = Salgsvilkår
privacy_link = Personvernerklæring
support_link = Kundeservice
opens_in_new_tab = (åpnes i en ny fane)

## The order

order_summary = Bestillingen din
quantity = Antall
more_lines =
    { $count ->
        [one] Vis { $count } linje til
       *[other] Vis { $count } linjer til
    }
item = Vare
discount = Rabatt
delivery = Levering
tax = Mva.
surcharge = Gebyr
subtotal = Delsum
including_tax = Herav mva.
total = Totalt
order_number = Ordrenummer

## Ways to pay

payment_heading = Slik betaler du
pay_now = Betal nå
pay_later = Betal senere
pay_over_time = Betal over tid
about_pay_now = Betal hele beløpet i dag.
about_pay_later = Betal på et senere tidspunkt.
about_pay_over_time = Del opp beløpet i flere betalinger.
about_direct_debit = Beløpet trekkes fra bankkontoen din.
about_direct_bank_transfer = Betal direkte fra bankkontoen din.

## The consumer's details

details_heading = Opplysningene dine
email = E-postadresse
one_time_code = Engangskode
one_time_code_hint = Seks sifre
sign_up_heading = Første gang her
sign_up_hint = Vi trenger noen flere opplysninger, bare denne ene gangen.
given_name = Fornavn
family_name = Etternavn
date_of_birth = Fødselsdato

## Buttons, and the payment form

buy = Kjøp
rent = Lei
book = Reserver
subscribe = Abonner
download = Last ned
order = Bestill
continue_purchase = Fortsett
pay = Betal
processing = Behandles …
script_needed = For å betale her trengs JavaScript. Slå det på i nettleseren, eller gå tilbake til butikken.
category_unavailable = Denne betalingsmåten kan ikke brukes for kjøpet. Velg en annen.
payment_not_finished = Betalingen er ikke fullført. Du kan prøve igjen.
back = Tilbake til butikken
cancel = Avbryt kjøpet

## Errors and notices

error_prefix = Feil:
error_summary = Kontroller følgende
category_not_chosen = Velg hvordan du vil betale.
email_not_readable = Skriv inn en e-postadresse, for eksempel navn@example.com.
code_not_readable = Skriv inn de seks sifrene i koden.
code_rejected = Koden stemmer ikke. Kontroller den og skriv den inn på nytt.
given_name_missing = Skriv inn fornavnet ditt.
family_name_missing = Skriv inn etternavnet ditt.
date_of_birth_not_readable = Skriv inn fødselsdatoen din.
order_changed = Bestillingen er endret. Kontroller den nye summen.
expires_soon = Denne betalingslenken utløper kl. { $time }. Be butikken om en ny lenke hvis du trenger mer tid.
category_declined = Denne betalingsmåten er ikke tilgjengelig for kjøpet ditt. Velg en annen.

## The explanation of the sandbox

sandbox_heading = Sandkasse: ingen ekte penger flyttes
sandbox_code = seks valgfrie sifre, unntatt 999999
sandbox_approves = betalingen godkjennes
sandbox_declines = betalingen avslås
sandbox_fails = betalingen ender i en teknisk feil
sandbox_signs_up = navn og fødselsdato etterspørres

## The question before a cancellation

cancel_heading = Vil du avbryte kjøpet?
cancel_text = Ingenting er belastet. Hvis du avbryter, slutter betalingslenken å virke.
cancel_confirm = Ja, avbryt kjøpet
keep_paying = Fortsett å betale

## Outcomes

declined_heading = Betalingen ble avslått
declined_text = Ingenting er belastet. Du kan prøve på nytt eller velge en annen betalingsmåte i butikken.
error_heading = Noe gikk galt
error_text = En teknisk feil stanset betalingen. Ingenting er belastet.
confirming_heading = Betalingen din bekreftes
confirming_text = Det kan ta noen minutter. Du trenger ikke gjøre noe. Ikke betal på nytt: butikken får resultatet selv om du lukker siden.
completed_heading = Betalingen er bekreftet
completed_text = Takk. Butikken har fått beskjed og tar seg av resten.
cancelled_heading = Kjøpet er avbrutt
cancelled_text = Ingenting er belastet. Du kan lukke denne siden.
went_back_heading = Du forlot betalingen
went_back_text = Ingenting er belastet. Du kan fortsatt fullføre kjøpet.
disabled_heading = Denne betalingslenken er ikke lenger gyldig
disabled_text = Butikken har trukket den tilbake. Be butikken om en ny lenke.
expired_heading = Denne betalingslenken er utløpt
expired_text = Be butikken om en ny lenke.
not_found_heading = Vi kjenner ikke denne betalingslenken
not_found_text = Kontroller at hele lenken kom med, eller be butikken om en ny.
unavailable_heading = Prøv igjen om et øyeblikk
unavailable_text = Betalingssiden er midlertidig utilgjengelig. Ingenting er belastet.
no_payments_heading = Denne butikken kan ikke ta imot betalinger nå
no_payments_text = Ingenting er belastet. Spør butikken hvordan du kan betale.
retry = Prøv igjen
continue_to_shop = Fortsett til butikken
return_to_shop = Tilbake til butikken
moving_on = Du sendes straks tilbake til butikken. Hvis ingenting skjer, bruk knappen.

## In a shop with staff

id_check_heading = Vis legitimasjonen din
id_check_text = Vis legitimasjonen din og denne koden til de ansatte. Siden går videre av seg selv når de er kontrollert.
id_check_code = Kode
display_heading = Skann koden for å betale
display_text = Rett telefonens kamera mot koden, og åpne lenken.
status_waiting = Venter på kunden
status_in_progress = Kunden holder på å betale
status_back = Kunden forlot betalingen
status_timed_out = Kunden fullførte ikke betalingen
staff_title = Betaling i butikken
staff_scan = Kunden skanner denne koden med en telefon og betaler der.
staff_open_display = Åpne skjermen for kunden
staff_send_email = Send lenken på e-post
staff_send_sms = Send lenken på SMS
phone = Telefonnummer
staff_send = Send
staff_sent = Lenken sendes om et øyeblikk.
staff_not_sent = Lenken ble ikke sendt. Kontroller adressen eller nummeret, og prøv igjen senere hvis de er riktige.
staff_id_check_heading = Kontroller legitimasjonen
staff_id_check_text = Sammenlign koden med den på kundens telefon. Sammenlign deretter legitimasjonen med personen foran deg.
staff_id_check_pass = Legitimasjonen er i orden
staff_id_check_fail = Avslå betalingen
staff_id_check_over = Kontrollen er avsluttet. Kunden kan prøve å betale igjen.
staff_disable = Trekk lenken tilbake
staff_disable_text = Da kan kunden ikke lenger betale med denne lenken.
staff_disable_yes = Ja, trekk lenken tilbake

## Messages

message_subject = Kjøpet ditt hos { $shop }
message_text = Fullfør kjøpet hos { $shop }: { $link }
