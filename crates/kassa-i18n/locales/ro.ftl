### Romanian.

## The page

secured_by = Securizat de Kassa
default_title = Finalizați achiziția
languages = Limba
terms_link = Termeni și condiții
privacy_link = Politica de confidențialitate
support_link = Asistență clienți
opens_in_new_tab = (se deschide într-o filă nouă)

## The order

order_summary = Sumarul comenzii
quantity = Cantitate
more_lines =
    { $count ->
        [one] Afișați încă { $count } articol
        [few] Afișați încă { $count } articole
       *[other] Afișați încă { $count } de articole
    }
item = Articol
discount = Reducere
delivery = Livrare
tax = Taxe
surcharge = Suprataxă
subtotal = Subtotal
including_tax = Taxe incluse
total = Total
order_number = Numărul comenzii

## Ways to pay

payment_heading = Metoda de plată
pay_now = Plătiți acum
pay_later = Plătiți mai târziu
pay_over_time = Plătiți în rate
about_pay_now = Plătiți întreaga sumă astăzi.
about_pay_later = Plătiți la o dată ulterioară.
about_pay_over_time = Împărțiți suma în mai multe plăți.
about_direct_debit = Suma este retrasă din contul dumneavoastră bancar.
about_direct_bank_transfer = Plătiți direct din contul dumneavoastră bancar.

## The consumer's details

details_heading = Datele dumneavoastră
email = Adresa de e-mail
one_time_code = Cod de unică folosință
one_time_code_hint = Șase cifre
sign_up_heading = Sunteți aici pentru prima dată
sign_up_hint = Avem nevoie de încă câteva date, doar de această dată.
given_name = Prenume
family_name = Nume de familie
date_of_birth = Data nașterii

## Buttons, and the payment form

buy = Cumpărați
rent = Închiriați
book = Rezervați
subscribe = Abonați-vă
download = Descărcați
order = Comandați
continue_purchase = Continuați
pay = Plătiți
processing = Se procesează…
script_needed = Pentru plată este nevoie de JavaScript. Activați-l în browser sau reveniți în magazin.
category_unavailable = Această metodă de plată nu este disponibilă pentru această achiziție. Alegeți alta.
payment_not_finished = Plata nu este finalizată. Puteți încerca din nou.
back = Înapoi la magazin
cancel = Anulați achiziția

## Errors and notices

error_prefix = Eroare:
error_summary = Verificați următoarele
category_not_chosen = Alegeți cum doriți să plătiți.
email_not_readable = Introduceți o adresă de e-mail, de exemplu nume@example.com.
code_not_readable = Introduceți cele șase cifre ale codului.
code_rejected = Acest cod nu este corect. Verificați-l și introduceți-l din nou.
given_name_missing = Introduceți prenumele.
family_name_missing = Introduceți numele de familie.
date_of_birth_not_readable = Introduceți data nașterii.
order_changed = Comanda s-a modificat. Verificați noul total.
expires_soon = Acest link de plată expiră la ora { $time }. Dacă aveți nevoie de mai mult timp, cereți magazinului un link nou.
category_declined = Această metodă de plată nu este disponibilă pentru achiziția dumneavoastră. Alegeți alta.

## The explanation of the sandbox

sandbox_heading = Mediu de testare: nu se transferă bani reali
sandbox_code = oricare șase cifre, cu excepția 999999
sandbox_approves = plata este aprobată
sandbox_declines = plata este refuzată
sandbox_fails = plata se încheie cu o eroare tehnică
sandbox_signs_up = se cer numele și data nașterii

## The question before a cancellation

cancel_heading = Anulați achiziția?
cancel_text = Nu s-a debitat nicio sumă. Dacă anulați, acest link de plată nu va mai funcționa.
cancel_confirm = Da, anulați achiziția
keep_paying = Continuați plata

## Outcomes

declined_heading = Plata a fost refuzată
declined_text = Nu s-a debitat nicio sumă. Puteți încerca din nou sau puteți alege altă metodă de plată în magazin.
error_heading = A apărut o problemă
error_text = O eroare tehnică a oprit plata. Nu s-a debitat nicio sumă.
confirming_heading = Plata dumneavoastră este în curs de confirmare
confirming_text = Aceasta poate dura câteva minute. Nu trebuie să faceți nimic. Vă rugăm să nu plătiți din nou: magazinul află rezultatul chiar dacă închideți această pagină.
completed_heading = Plată confirmată
completed_text = Vă mulțumim. Magazinul a fost informat și se ocupă de restul.
cancelled_heading = Achiziția este anulată
cancelled_text = Nu s-a debitat nicio sumă. Puteți închide această pagină.
went_back_heading = Ați părăsit plata
went_back_text = Nu s-a debitat nicio sumă. Puteți în continuare să finalizați achiziția.
disabled_heading = Acest link de plată nu mai este valabil
disabled_text = Magazinul l-a retras. Cereți magazinului un link nou.
expired_heading = Acest link de plată a expirat
expired_text = Cereți magazinului un link nou.
not_found_heading = Nu cunoaștem acest link de plată
not_found_text = Verificați dacă ați copiat întregul link sau cereți magazinului unul nou.
unavailable_heading = Încercați din nou peste câteva momente
unavailable_text = Pagina de plată este temporar indisponibilă. Nu s-a debitat nicio sumă.
no_payments_heading = Acest magazin nu poate primi plăți în acest moment
no_payments_text = Nu s-a debitat nicio sumă. Întrebați magazinul cum puteți plăti.
retry = Încercați din nou
continue_to_shop = Continuați la magazin
return_to_shop = Reveniți la magazin
moving_on = Veți fi redirecționat înapoi la magazin în câteva momente. Dacă nu se întâmplă nimic, folosiți butonul.

## In a shop with staff

id_check_heading = Vă rugăm să prezentați actul de identitate
id_check_text = Arătați personalului actul de identitate și acest cod. După verificare, această pagină continuă singură.
id_check_code = Cod
display_heading = Scanați codul pentru a plăti
display_text = Îndreptați camera telefonului spre cod și deschideți linkul.
status_waiting = Se așteaptă clientul
status_in_progress = Clientul plătește
status_back = Clientul a părăsit plata
status_timed_out = Clientul nu a finalizat plata
staff_title = Plată în magazin
staff_scan = Clientul scanează acest cod cu un telefon și plătește acolo.
staff_open_display = Deschideți ecranul pentru client
staff_send_email = Trimiteți linkul prin e-mail
staff_send_sms = Trimiteți linkul prin SMS
phone = Număr de telefon
staff_send = Trimiteți
staff_sent = Linkul va fi trimis în câteva momente.
staff_not_sent = Linkul nu a fost trimis. Verificați adresa sau numărul și, dacă sunt corecte, încercați din nou mai târziu.
staff_id_check_heading = Verificați actul de identitate
staff_id_check_text = Comparați codul cu cel de pe telefonul clientului. Apoi comparați actul cu persoana din fața dumneavoastră.
staff_id_check_pass = Actul este în regulă
staff_id_check_fail = Refuzați plata
staff_id_check_over = Această verificare s-a încheiat. Clientul poate încerca din nou să plătească.
staff_disable = Retrageți linkul
staff_disable_text = Clientul nu va mai putea plăti cu acest link.
staff_disable_yes = Da, retrageți linkul

## Messages

message_subject = Achiziția dumneavoastră la { $shop }
message_text = Finalizați achiziția la { $shop }: { $link }
