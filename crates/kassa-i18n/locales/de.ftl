### German.

## The page

secured_by = Gesichert durch Kassa
default_title = Einkauf abschließen
languages = Sprache
terms_link = Allgemeine Geschäftsbedingungen
privacy_link = Datenschutz
support_link = Kundenservice
opens_in_new_tab = (öffnet in einem neuen Tab)

## The order

order_summary = Bestellübersicht
quantity = Menge
more_lines =
    { $count ->
        [one] { $count } weitere Position anzeigen
       *[other] { $count } weitere Positionen anzeigen
    }
item = Artikel
discount = Rabatt
delivery = Versand
tax = Steuer
surcharge = Zuschlag
subtotal = Zwischensumme
including_tax = Enthaltene Steuer
total = Gesamtbetrag
order_number = Bestellnummer

## Ways to pay

payment_heading = So bezahlen Sie
pay_now = Sofort bezahlen
pay_later = Später bezahlen
pay_over_time = In Raten bezahlen
about_pay_now = Den ganzen Betrag heute bezahlen.
about_pay_later = Zu einem späteren Zeitpunkt bezahlen.
about_pay_over_time = Den Betrag auf mehrere Zahlungen verteilen.
about_direct_debit = Der Betrag wird von Ihrem Bankkonto abgebucht.
about_direct_bank_transfer = Direkt von Ihrem Bankkonto bezahlen.

## The consumer's details

details_heading = Ihre Angaben
email = E-Mail-Adresse
one_time_code = Einmalcode
one_time_code_hint = Sechs Ziffern
sign_up_heading = Zum ersten Mal hier
sign_up_hint = Wir brauchen einmalig einige weitere Angaben.
given_name = Vorname
family_name = Nachname
date_of_birth = Geburtsdatum

## Buttons, and the payment form

buy = Kaufen
rent = Mieten
book = Buchen
subscribe = Abonnieren
download = Herunterladen
order = Bestellen
continue_purchase = Weiter
pay = Bezahlen
processing = Wird bearbeitet …
script_needed = Zum Bezahlen wird hier JavaScript benötigt. Bitte schalten Sie es im Browser ein oder gehen Sie zurück zum Shop.
category_unavailable = Diese Zahlungsart ist für diesen Einkauf nicht verfügbar. Bitte wählen Sie eine andere.
payment_not_finished = Die Zahlung ist nicht abgeschlossen. Sie können es noch einmal versuchen.
back = Zurück zum Shop
cancel = Einkauf abbrechen

## Errors and notices

error_prefix = Fehler:
error_summary = Bitte prüfen Sie Folgendes
category_not_chosen = Wählen Sie, wie Sie bezahlen möchten.
email_not_readable = Geben Sie eine E-Mail-Adresse ein, zum Beispiel name@example.com.
code_not_readable = Geben Sie die sechs Ziffern des Codes ein.
code_rejected = Dieser Code stimmt nicht. Prüfen Sie ihn und geben Sie ihn erneut ein.
given_name_missing = Geben Sie Ihren Vornamen ein.
family_name_missing = Geben Sie Ihren Nachnamen ein.
date_of_birth_not_readable = Geben Sie Ihr Geburtsdatum ein.
order_changed = Die Bestellung hat sich geändert. Bitte prüfen Sie den neuen Gesamtbetrag.
expires_soon = Dieser Zahlungslink läuft um { $time } Uhr ab. Wenn Sie mehr Zeit brauchen, fragen Sie im Shop nach einem neuen Link.
category_declined = Diese Zahlungsart ist für Ihren Einkauf nicht verfügbar. Bitte wählen Sie eine andere.

## The explanation of the sandbox

sandbox_heading = Testumgebung: Es fließt kein echtes Geld
sandbox_code = sechs beliebige Ziffern, außer 999999
sandbox_approves = die Zahlung wird genehmigt
sandbox_declines = die Zahlung wird abgelehnt
sandbox_fails = die Zahlung endet mit einem technischen Fehler
sandbox_signs_up = Name und Geburtsdatum werden abgefragt

## The question before a cancellation

cancel_heading = Einkauf abbrechen?
cancel_text = Es wurde nichts abgebucht. Wenn Sie abbrechen, wird dieser Zahlungslink ungültig.
cancel_confirm = Ja, Einkauf abbrechen
keep_paying = Weiter bezahlen

## Outcomes

declined_heading = Die Zahlung wurde abgelehnt
declined_text = Es wurde nichts abgebucht. Sie können es erneut versuchen oder im Shop eine andere Zahlungsart wählen.
error_heading = Etwas ist schiefgegangen
error_text = Ein technischer Fehler hat die Zahlung verhindert. Es wurde nichts abgebucht.
confirming_heading = Ihre Zahlung wird bestätigt
confirming_text = Das kann einige Minuten dauern. Sie müssen nichts tun. Bitte zahlen Sie nicht noch einmal: Der Shop erfährt das Ergebnis auch, wenn Sie diese Seite schließen.
completed_heading = Zahlung bestätigt
completed_text = Vielen Dank. Der Shop ist informiert und kümmert sich um alles Weitere.
cancelled_heading = Der Einkauf ist abgebrochen
cancelled_text = Es wurde nichts abgebucht. Sie können diese Seite schließen.
went_back_heading = Sie haben die Zahlung verlassen
went_back_text = Es wurde nichts abgebucht. Sie können Ihren Einkauf weiterhin abschließen.
disabled_heading = Dieser Zahlungslink ist nicht mehr gültig
disabled_text = Der Shop hat ihn zurückgezogen. Bitte fragen Sie dort nach einem neuen Link.
expired_heading = Dieser Zahlungslink ist abgelaufen
expired_text = Bitte fragen Sie im Shop nach einem neuen Link.
not_found_heading = Wir kennen diesen Zahlungslink nicht
not_found_text = Prüfen Sie, ob der Link vollständig ist, oder fragen Sie im Shop nach einem neuen.
unavailable_heading = Bitte versuchen Sie es gleich noch einmal
unavailable_text = Die Zahlungsseite ist vorübergehend nicht erreichbar. Es wurde nichts abgebucht.
no_payments_heading = Dieser Shop kann zurzeit keine Zahlungen annehmen
no_payments_text = Es wurde nichts abgebucht. Bitte fragen Sie den Shop, wie Sie bezahlen können.
retry = Erneut versuchen
continue_to_shop = Weiter zum Shop
return_to_shop = Zurück zum Shop
moving_on = Sie werden gleich zum Shop zurückgeleitet. Wenn nichts passiert, nutzen Sie die Schaltfläche.

## In a shop with staff

id_check_heading = Bitte zeigen Sie Ihren Ausweis
id_check_text = Zeigen Sie dem Personal Ihren Ausweis und diesen Code. Nach der Prüfung geht diese Seite von selbst weiter.
id_check_code = Code
display_heading = Zum Bezahlen den Code scannen
display_text = Richten Sie die Kamera Ihres Telefons auf den Code und öffnen Sie den Link.
status_waiting = Warten auf den Kunden
status_in_progress = Der Kunde bezahlt gerade
status_back = Der Kunde hat die Zahlung verlassen
status_timed_out = Der Kunde hat die Zahlung nicht abgeschlossen
staff_title = Zahlung vor Ort
staff_scan = Der Kunde scannt diesen Code mit einem Telefon und bezahlt dort.
staff_open_display = Bildschirm für den Kunden öffnen
staff_send_email = Link per E-Mail senden
staff_send_sms = Link per SMS senden
phone = Telefonnummer
staff_send = Senden
staff_sent = Der Link wird gleich gesendet.
staff_not_sent = Der Link wurde nicht gesendet. Prüfen Sie die Adresse oder die Nummer. Wenn sie stimmt, versuchen Sie es später noch einmal.
staff_id_check_heading = Ausweis prüfen
staff_id_check_text = Vergleichen Sie den Code mit dem auf dem Telefon des Kunden. Vergleichen Sie dann den Ausweis mit der Person vor Ihnen.
staff_id_check_pass = Ausweis ist in Ordnung
staff_id_check_fail = Zahlung ablehnen
staff_id_check_over = Diese Prüfung ist beendet. Der Kunde kann die Zahlung erneut versuchen.
staff_disable = Link zurückziehen
staff_disable_text = Der Kunde kann dann mit diesem Link nicht mehr bezahlen.
staff_disable_yes = Ja, Link zurückziehen

## Messages

message_subject = Ihr Einkauf bei { $shop }
message_text = Schließen Sie Ihren Einkauf bei { $shop } ab: { $link }
