### Polish.

## The page

secured_by = Zabezpiecza Kassa
default_title = Dokończ zakup
languages = Język
terms_link = Regulamin
privacy_link = Polityka prywatności
support_link = Obsługa klienta
opens_in_new_tab = (otwiera się w nowej karcie)

## The order

order_summary = Podsumowanie zamówienia
quantity = Ilość
more_lines =
    { $count ->
        [one] Pokaż jeszcze { $count } pozycję
        [few] Pokaż jeszcze { $count } pozycje
       *[many] Pokaż jeszcze { $count } pozycji
    }
item = Produkt
discount = Rabat
delivery = Dostawa
tax = Podatek
surcharge = Dopłata
subtotal = Suma częściowa
including_tax = W tym podatek
total = Razem
order_number = Numer zamówienia

## Ways to pay

payment_heading = Sposób płatności
pay_now = Zapłać teraz
pay_later = Zapłać później
pay_over_time = Zapłać w ratach
about_pay_now = Zapłać całą kwotę dziś.
about_pay_later = Zapłać w późniejszym terminie.
about_pay_over_time = Rozłóż kwotę na kilka płatności.
about_direct_debit = Kwota zostanie pobrana z Twojego konta bankowego.
about_direct_bank_transfer = Zapłać bezpośrednio z konta bankowego.

## The consumer's details

details_heading = Twoje dane
email = Adres e-mail
one_time_code = Kod jednorazowy
one_time_code_hint = Sześć cyfr
sign_up_heading = Pierwszy raz tutaj
sign_up_hint = Potrzebujemy jeszcze kilku danych, tylko ten jeden raz.
given_name = Imię
family_name = Nazwisko
date_of_birth = Data urodzenia

## Buttons, and the payment form

buy = Kup
rent = Wynajmij
book = Zarezerwuj
subscribe = Subskrybuj
download = Pobierz
order = Zamów
continue_purchase = Kontynuuj
pay = Zapłać
processing = Przetwarzanie…
script_needed = Do zapłaty potrzebny jest JavaScript. Włącz go w przeglądarce lub wróć do sklepu.
category_unavailable = Ten sposób płatności nie jest dostępny dla tego zakupu. Wybierz inny.
payment_not_finished = Płatność nie została zakończona. Możesz spróbować ponownie.
back = Wróć do sklepu
cancel = Anuluj zakup

## Errors and notices

error_prefix = Błąd:
error_summary = Sprawdź następujące pola
category_not_chosen = Wybierz sposób płatności.
email_not_readable = Podaj adres e-mail, na przykład imie@example.com.
code_not_readable = Podaj sześć cyfr kodu.
code_rejected = Ten kod jest nieprawidłowy. Sprawdź go i wpisz ponownie.
given_name_missing = Podaj imię.
family_name_missing = Podaj nazwisko.
date_of_birth_not_readable = Podaj datę urodzenia.
order_changed = Zamówienie zmieniło się. Sprawdź nową kwotę.
expires_soon = Ten link do płatności wygaśnie o godz. { $time }. Jeśli potrzebujesz więcej czasu, poproś sklep o nowy link.
category_declined = Ten sposób płatności jest niedostępny dla tego zakupu. Wybierz inny.

## The explanation of the sandbox

sandbox_heading = Środowisko testowe: bez prawdziwych pieniędzy
sandbox_code = dowolne sześć cyfr oprócz 999999
sandbox_approves = płatność zostaje zatwierdzona
sandbox_declines = płatność zostaje odrzucona
sandbox_fails = płatność kończy się błędem technicznym
sandbox_signs_up = wymagane są imię, nazwisko i data urodzenia

## The question before a cancellation

cancel_heading = Anulować zakup?
cancel_text = Nic nie zostało pobrane. Po anulowaniu ten link do płatności przestanie działać.
cancel_confirm = Tak, anuluj zakup
keep_paying = Kontynuuj płatność

## Outcomes

declined_heading = Płatność została odrzucona
declined_text = Nic nie zostało pobrane. Możesz spróbować ponownie lub wybrać w sklepie inny sposób płatności.
error_heading = Coś poszło nie tak
error_text = Błąd techniczny przerwał płatność. Nic nie zostało pobrane.
confirming_heading = Twoja płatność jest potwierdzana
confirming_text = Może to potrwać kilka minut. Nie musisz nic robić. Nie płać ponownie: sklep otrzyma wynik, nawet jeśli zamkniesz tę stronę.
completed_heading = Płatność potwierdzona
completed_text = Dziękujemy. Sklep otrzymał informację i zajmie się resztą.
cancelled_heading = Zakup został anulowany
cancelled_text = Nic nie zostało pobrane. Możesz zamknąć tę stronę.
went_back_heading = Płatność została przerwana
went_back_text = Nic nie zostało pobrane. Nadal możesz dokończyć zakup.
disabled_heading = Ten link do płatności jest już nieważny
disabled_text = Sklep go wycofał. Poproś sklep o nowy link.
expired_heading = Ten link do płatności wygasł
expired_text = Poproś sklep o nowy link.
not_found_heading = Nie znamy tego linku do płatności
not_found_text = Sprawdź, czy link jest pełny, lub poproś sklep o nowy.
unavailable_heading = Spróbuj ponownie za chwilę
unavailable_text = Strona płatności jest chwilowo niedostępna. Nic nie zostało pobrane.
no_payments_heading = Ten sklep nie może teraz przyjmować płatności
no_payments_text = Nic nie zostało pobrane. Zapytaj sklep, jak możesz zapłacić.
retry = Spróbuj ponownie
continue_to_shop = Przejdź do sklepu
return_to_shop = Wróć do sklepu
moving_on = Za chwilę nastąpi powrót do sklepu. Jeśli nic się nie stanie, użyj przycisku.

## In a shop with staff

id_check_heading = Okaż dokument tożsamości
id_check_text = Pokaż obsłudze dokument tożsamości i ten kod. Po ich sprawdzeniu ta strona sama przejdzie dalej.
id_check_code = Kod
display_heading = Zeskanuj kod, aby zapłacić
display_text = Skieruj aparat telefonu na kod i otwórz link.
status_waiting = Oczekiwanie na klienta
status_in_progress = Klient płaci
status_back = Klient przerwał płatność
status_timed_out = Klient nie dokończył płatności
staff_title = Płatność w sklepie
staff_scan = Klient skanuje ten kod telefonem i tam płaci.
staff_open_display = Otwórz ekran dla klienta
staff_send_email = Wyślij link e-mailem
staff_send_sms = Wyślij link SMS-em
phone = Numer telefonu
staff_send = Wyślij
staff_sent = Link zostanie za chwilę wysłany.
staff_not_sent = Link nie został wysłany. Sprawdź adres lub numer, a jeśli są poprawne, spróbuj ponownie później.
staff_id_check_heading = Sprawdź dokument tożsamości
staff_id_check_text = Porównaj kod z kodem na telefonie klienta. Następnie porównaj dokument z osobą, która stoi przed Tobą.
staff_id_check_pass = Dokument się zgadza
staff_id_check_fail = Odrzuć płatność
staff_id_check_over = Ta kontrola została zakończona. Klient może ponownie spróbować zapłacić.
staff_disable = Wycofaj link
staff_disable_text = Klient nie będzie już mógł zapłacić za pomocą tego linku.
staff_disable_yes = Tak, wycofaj link

## Messages

message_subject = Twój zakup w sklepie { $shop }
message_text = Dokończ zakup w sklepie { $shop }: { $link }
