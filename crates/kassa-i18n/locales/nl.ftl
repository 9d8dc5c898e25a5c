### Dutch.

## The page

secured_by = Beveiligd door Kassa
default_title = Rond je aankoop af
languages = Taal
terms_link = Algemene voorwaarden
privacy_link = Privacybeleid
support_link = Klantenservice
opens_in_new_tab = (opent in een nieuw tabblad)

## The order

order_summary = Je bestelling
quantity = Aantal
more_lines =
    { $count ->
        [one] Toon nog { $count } regel
       *[other] Toon nog { $count } regels
    }
item = Artikel
discount = Korting
delivery = Bezorging
tax = Btw
surcharge = Toeslag
subtotal = Subtotaal
including_tax = Inclusief btw
total = Totaal
order_number = Bestelnummer

## Ways to pay

payment_heading = Zo betaal je
pay_now = Nu betalen
pay_later = Later betalen
pay_over_time = In termijnen betalen
about_pay_now = Betaal het hele bedrag vandaag.
about_pay_later = Betaal op een later moment.
about_pay_over_time = Spreid het bedrag over meerdere betalingen.
about_direct_debit = Het bedrag wordt van je bankrekening afgeschreven.
about_direct_bank_transfer = Betaal rechtstreeks van je bankrekening.

## The consumer's details

details_heading = Je gegevens
email = E-mailadres
one_time_code = Eenmalige code
one_time_code_hint = Zes cijfers
sign_up_heading = Je eerste keer hier
sign_up_hint = We hebben eenmalig nog een paar gegevens nodig.
given_name = Voornaam
family_name = Achternaam
date_of_birth = Geboortedatum

## Buttons, and the payment form

buy = Kopen
rent = Huren
book = Boeken
subscribe = Abonneren
download = Downloaden
order = Bestellen
continue_purchase = Doorgaan
pay = Betalen
processing = Bezig met verwerken…
script_needed = Om hier te betalen is JavaScript nodig. Zet het aan in je browser of ga terug naar de winkel.
category_unavailable = Deze betaalwijze is niet beschikbaar voor deze aankoop. Kies een andere.
payment_not_finished = De betaling is niet afgerond. Je kunt het opnieuw proberen.
back = Terug naar de winkel
cancel = Aankoop annuleren

## Errors and notices

error_prefix = Fout:
error_summary = Controleer het volgende
category_not_chosen = Kies hoe je wilt betalen.
email_not_readable = Vul een e-mailadres in, bijvoorbeeld naam@example.com.
code_not_readable = Vul de zes cijfers van de code in.
code_rejected = Deze code klopt niet. Controleer de code en vul hem opnieuw in.
given_name_missing = Vul je voornaam in.
family_name_missing = Vul je achternaam in.
date_of_birth_not_readable = Vul je geboortedatum in.
order_changed = De bestelling is gewijzigd. Controleer het nieuwe totaal.
expires_soon = Deze betaallink verloopt om { $time }. Heb je meer tijd nodig, vraag de winkel dan om een nieuwe.
category_declined = Deze betaalwijze is niet beschikbaar voor je aankoop. Kies een andere.

## The explanation of the sandbox

sandbox_heading = Testomgeving: er wordt geen echt geld verplaatst
sandbox_code = zes willekeurige cijfers, behalve 999999
sandbox_approves = de betaling wordt goedgekeurd
sandbox_declines = de betaling wordt geweigerd
sandbox_fails = de betaling eindigt in een technische fout
sandbox_signs_up = naam en geboortedatum worden gevraagd

## The question before a cancellation

cancel_heading = De aankoop annuleren?
cancel_text = Er is niets afgeschreven. Als je annuleert, werkt deze betaallink niet meer.
cancel_confirm = Ja, annuleer de aankoop
keep_paying = Verder met betalen

## Outcomes

declined_heading = De betaling is geweigerd
declined_text = Er is niets afgeschreven. Je kunt het opnieuw proberen of in de winkel een andere betaalwijze kiezen.
error_heading = Er ging iets mis
error_text = Een technische fout heeft de betaling onderbroken. Er is niets afgeschreven.
confirming_heading = Je betaling wordt bevestigd
confirming_text = Dit kan een paar minuten duren. Je hoeft niets te doen. Betaal niet opnieuw: de winkel krijgt het resultaat ook als je deze pagina sluit.
completed_heading = Betaling bevestigd
completed_text = Bedankt. De winkel is op de hoogte en regelt de rest.
cancelled_heading = De aankoop is geannuleerd
cancelled_text = Er is niets afgeschreven. Je kunt deze pagina sluiten.
went_back_heading = Je hebt de betaling verlaten
went_back_text = Er is niets afgeschreven. Je kunt je aankoop nog afronden.
disabled_heading = Deze betaallink is niet meer geldig
disabled_text = De winkel heeft de link ingetrokken. Vraag de winkel om een nieuwe.
expired_heading = Deze betaallink is verlopen
expired_text = Vraag de winkel om een nieuwe link.
not_found_heading = We kennen deze betaallink niet
not_found_text = Controleer of de hele link is gekopieerd, of vraag de winkel om een nieuwe.
unavailable_heading = Probeer het zo dadelijk opnieuw
unavailable_text = De betaalpagina is tijdelijk niet beschikbaar. Er is niets afgeschreven.
no_payments_heading = Deze winkel kan nu geen betalingen aannemen
no_payments_text = Er is niets afgeschreven. Vraag de winkel hoe u kunt betalen.
retry = Opnieuw proberen
continue_to_shop = Verder naar de winkel
return_to_shop = Terug naar de winkel
moving_on = Je gaat zo dadelijk terug naar de winkel. Gebeurt er niets, gebruik dan de knop.

## In a shop with staff

id_check_heading = Laat je identiteitsbewijs zien
id_check_text = Laat het personeel je identiteitsbewijs en deze code zien. Deze pagina gaat vanzelf verder als ze zijn gecontroleerd.
id_check_code = Code
display_heading = Scan de code om te betalen
display_text = Richt de camera van je telefoon op de code en open de link.
status_waiting = Wachten op de klant
status_in_progress = De klant is aan het betalen
status_back = De klant heeft de betaling verlaten
status_timed_out = De klant heeft de betaling niet afgerond
staff_title = Betaling in de winkel
staff_scan = De klant scant deze code met een telefoon en betaalt daar.
staff_open_display = Scherm voor de klant openen
staff_send_email = Link per e-mail versturen
staff_send_sms = Link per sms versturen
phone = Telefoonnummer
staff_send = Versturen
staff_sent = De link wordt zo dadelijk verstuurd.
staff_not_sent = De link is niet verstuurd. Controleer het adres of het nummer en probeer het later opnieuw als het klopt.
staff_id_check_heading = Controleer het identiteitsbewijs
staff_id_check_text = Vergelijk de code met die op de telefoon van de klant. Vergelijk daarna het identiteitsbewijs met de persoon voor je.
staff_id_check_pass = Identiteitsbewijs klopt
staff_id_check_fail = Betaling weigeren
staff_id_check_over = Deze controle is voorbij. De klant kan opnieuw proberen te betalen.
staff_disable = Link intrekken
staff_disable_text = De klant kan dan niet meer met deze link betalen.
staff_disable_yes = Ja, trek de link in

## Messages

message_subject = Je aankoop bij { $shop }
message_text = Rond je aankoop bij { $shop } af: { $link }
