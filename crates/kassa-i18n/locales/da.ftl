### Danish.

## The page

secured_by = Sikret af Kassa
default_title = Gennemfør dit køb
languages = Sprog
terms_link = Handelsbetingelser
privacy_link = Privatlivspolitik
support_link = Kundeservice
opens_in_new_tab = (åbner i en ny fane)

## The order

order_summary = Din ordre
quantity = Antal
more_lines =
    { $count ->
        [one] Vis { $count } linje mere
       *[other] Vis { $count } linjer mere
    }
item = Vare
discount = Rabat
delivery = Levering
tax = Moms
surcharge = Gebyr
subtotal = Subtotal
including_tax = Heraf moms
total = I alt
order_number = Ordrenummer

## Ways to pay

payment_heading = Sådan betaler du
pay_now = Betal nu
pay_later = Betal senere
pay_over_time = Betal over tid
about_pay_now = Betal hele beløbet i dag.
about_pay_later = Betal på et senere tidspunkt.
about_pay_over_time = Del beløbet op i flere betalinger.
about_direct_debit = Beløbet trækkes fra din bankkonto.
about_direct_bank_transfer = Betal direkte fra din bankkonto.

## The consumer's details

details_heading = Dine oplysninger
email = E-mailadresse
one_time_code = Engangskode
one_time_code_hint = Seks cifre
sign_up_heading = Første gang her
sign_up_hint = Vi har brug for nogle flere oplysninger, kun denne ene gang.
given_name = Fornavn
family_name = Efternavn
date_of_birth = Fødselsdato

## Buttons, and the payment form

buy = Køb
rent = Lej
book = Book
subscribe = Abonner
download = Download
order = Bestil
continue_purchase = Fortsæt
pay = Betal
processing = Behandles …
script_needed = Det kræver JavaScript at betale her. Slå det til i browseren, eller gå tilbage til butikken.
category_unavailable = Denne betalingsmåde kan ikke bruges til købet. Vælg en anden.
payment_not_finished = Betalingen er ikke afsluttet. Du kan prøve igen.
back = Tilbage til butikken
cancel = Annuller købet

## Errors and notices

error_prefix = Fejl:
error_summary = Kontrollér følgende
category_not_chosen = Vælg, hvordan du vil betale.
email_not_readable = Indtast en e-mailadresse, for eksempel navn@example.com.
code_not_readable = Indtast kodens seks cifre.
code_rejected = Koden er ikke rigtig. Kontrollér den, og indtast den igen.
given_name_missing = Indtast dit fornavn.
family_name_missing = Indtast dit efternavn.
date_of_birth_not_readable = Indtast din fødselsdato.
order_changed = Ordren er blevet ændret. Kontrollér det nye beløb.
expires_soon = Dette betalingslink udløber kl. { $time }. Bed butikken om et nyt link, hvis du har brug for mere tid.
category_declined = Denne betalingsmåde kan ikke bruges til dit køb. Vælg en anden.

## The explanation of the sandbox

sandbox_heading = Sandkasse: ingen rigtige penge flyttes
sandbox_code = seks vilkårlige cifre, undtagen 999999
sandbox_approves = betalingen godkendes
sandbox_declines = betalingen afvises
sandbox_fails = betalingen ender i en teknisk fejl
sandbox_signs_up = der spørges om navn og fødselsdato

## The question before a cancellation

cancel_heading = Vil du annullere købet?
cancel_text = Der er ikke trukket noget. Hvis du annullerer, holder betalingslinket op med at virke.
cancel_confirm = Ja, annuller købet
keep_paying = Fortsæt med at betale

## Outcomes

declined_heading = Betalingen blev afvist
declined_text = Der er ikke trukket noget. Du kan prøve igen eller vælge en anden betalingsmåde i butikken.
error_heading = Noget gik galt
error_text = En teknisk fejl stoppede betalingen. Der er ikke trukket noget.
confirming_heading = Din betaling bekræftes
confirming_text = Det kan tage et par minutter. Du behøver ikke gøre noget. Betal ikke igen: butikken får resultatet, også hvis du lukker siden.
completed_heading = Betalingen er bekræftet
completed_text = Tak. Butikken har fået besked og tager sig af resten.
cancelled_heading = Købet er annulleret
cancelled_text = Der er ikke trukket noget. Du kan lukke denne side.
went_back_heading = Du forlod betalingen
went_back_text = Der er ikke trukket noget. Du kan stadig gennemføre dit køb.
disabled_heading = Dette betalingslink gælder ikke længere
disabled_text = Butikken har trukket det tilbage. Bed butikken om et nyt link.
expired_heading = Dette betalingslink er udløbet
expired_text = Bed butikken om et nyt link.
not_found_heading = Vi kender ikke dette betalingslink
not_found_text = Kontrollér, at hele linket er kommet med, eller bed butikken om et nyt.
unavailable_heading = Prøv igen om et øjeblik
unavailable_text = Betalingssiden er midlertidigt utilgængelig. Der er ikke trukket noget.
no_payments_heading = Denne butik kan ikke modtage betalinger lige nu
no_payments_text = Der er ikke trukket noget. Spørg butikken, hvordan du kan betale.
retry = Prøv igen
continue_to_shop = Fortsæt til butikken
return_to_shop = Tilbage til butikken
moving_on = Du sendes tilbage til butikken om et øjeblik. Hvis der ikke sker noget, så brug knappen.

## In a shop with staff

id_check_heading = Vis venligst din legitimation
id_check_text = Vis din legitimation og denne kode til personalet. Siden går selv videre, når de er kontrolleret.
id_check_code = Kode
display_heading = Scan koden for at betale
display_text = Ret telefonens kamera mod koden, og åbn linket.
status_waiting = Venter på kunden
status_in_progress = Kunden er ved at betale
status_back = Kunden forlod betalingen
status_timed_out = Kunden afsluttede ikke betalingen
staff_title = Betaling i butikken
staff_scan = Kunden scanner denne kode med en telefon og betaler der.
staff_open_display = Åbn skærmen til kunden
staff_send_email = Send linket via e-mail
staff_send_sms = Send linket via sms
phone = Telefonnummer
staff_send = Send
staff_sent = Linket sendes om et øjeblik.
staff_not_sent = Linket blev ikke sendt. Kontrollér adressen eller nummeret, og prøv igen senere, hvis de er rigtige.
staff_id_check_heading = Kontrollér legitimationen
staff_id_check_text = Sammenlign koden med koden på kundens telefon. Sammenlign derefter legitimationen med personen foran dig.
staff_id_check_pass = Legitimationen er i orden
staff_id_check_fail = Afvis betalingen
staff_id_check_over = Kontrollen er afsluttet. Kunden kan prøve at betale igen.
staff_disable = Træk linket tilbage
staff_disable_text = Så kan kunden ikke længere betale med dette link.
staff_disable_yes = Ja, træk linket tilbage

## Messages

message_subject = Dit køb hos { $shop }
message_text = Gennemfør dit køb hos { $shop }: { $link }
