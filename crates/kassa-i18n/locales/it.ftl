### Italian.

## The page

secured_by = Protetto da Kassa
default_title = Completa il tuo acquisto
languages = Lingua
terms_link = Termini e condizioni
privacy_link = Informativa sulla privacy
support_link = Assistenza clienti
opens_in_new_tab = (si apre in una nuova scheda)

## The order

order_summary = Riepilogo dell’ordine
quantity = Quantità
more_lines =
    { $count ->
        [one] Mostra un’altra riga
       *[other] Mostra altre { $count } righe
    }
item = Articolo
discount = Sconto
delivery = Spedizione
tax = IVA
surcharge = Supplemento
subtotal = Subtotale
including_tax = IVA inclusa
total = Totale
order_number = Numero d’ordine

## Ways to pay

payment_heading = Come paghi
pay_now = Paga ora
pay_later = Paga più tardi
pay_over_time = Paga a rate
about_pay_now = Paga oggi l’intero importo.
about_pay_later = Paga in un secondo momento.
about_pay_over_time = Suddividi l’importo in più pagamenti.
about_direct_debit = L’importo viene addebitato sul tuo conto bancario.
about_direct_bank_transfer = Paga direttamente dal tuo conto bancario.

## The consumer's details

details_heading = I tuoi dati
email = Indirizzo e-mail
one_time_code = Codice monouso
one_time_code_hint = Sei cifre
sign_up_heading = La tua prima volta qui
sign_up_hint = Ci servono alcuni altri dati, solo per questa volta.
given_name = Nome
family_name = Cognome
date_of_birth = Data di nascita

## Buttons, and the payment form

buy = Acquista
rent = Noleggia
book = Prenota
subscribe = Abbonati
download = Scarica
order = Ordina
continue_purchase = Continua
pay = Paga
processing = Elaborazione in corso…
script_needed = Per pagare qui serve JavaScript. Attivalo nel browser oppure torna al negozio.
category_unavailable = Questo metodo di pagamento non è disponibile per l’acquisto. Scegline un altro.
payment_not_finished = Il pagamento non è completato. Puoi riprovare.
back = Torna al negozio
cancel = Annulla l’acquisto

## Errors and notices

error_prefix = Errore:
error_summary = Controlla quanto segue
category_not_chosen = Scegli come vuoi pagare.
email_not_readable = Inserisci un indirizzo e-mail, ad esempio nome@example.com.
code_not_readable = Inserisci le sei cifre del codice.
code_rejected = Questo codice non è corretto. Controllalo e inseriscilo di nuovo.
given_name_missing = Inserisci il tuo nome.
family_name_missing = Inserisci il tuo cognome.
date_of_birth_not_readable = Inserisci la tua data di nascita.
order_changed = L’ordine è cambiato. Controlla il nuovo totale.
expires_soon = Questo link di pagamento scade alle { $time }. Se ti serve più tempo, chiedi al negozio un nuovo link.
category_declined = Questo metodo di pagamento non è disponibile per il tuo acquisto. Scegline un altro.

## The explanation of the sandbox

sandbox_heading = Ambiente di prova: nessun denaro reale viene trasferito
sandbox_code = sei cifre qualsiasi, tranne 999999
sandbox_approves = il pagamento viene approvato
sandbox_declines = il pagamento viene rifiutato
sandbox_fails = il pagamento termina con un errore tecnico
sandbox_signs_up = vengono chiesti nome e data di nascita

## The question before a cancellation

cancel_heading = Annullare l’acquisto?
cancel_text = Non è stato addebitato nulla. Se annulli, questo link di pagamento smetterà di funzionare.
cancel_confirm = Sì, annulla l’acquisto
keep_paying = Prosegui con il pagamento

## Outcomes

declined_heading = Il pagamento è stato rifiutato
declined_text = Non è stato addebitato nulla. Puoi riprovare o scegliere un altro metodo di pagamento nel negozio.
error_heading = Qualcosa è andato storto
error_text = Un errore tecnico ha interrotto il pagamento. Non è stato addebitato nulla.
confirming_heading = Il pagamento è in corso di conferma
confirming_text = Può richiedere qualche minuto. Non devi fare nulla. Non pagare di nuovo: il negozio riceverà il risultato anche se chiudi questa pagina.
completed_heading = Pagamento confermato
completed_text = Grazie. Il negozio è stato informato e si occupa del resto.
cancelled_heading = L’acquisto è annullato
cancelled_text = Non è stato addebitato nulla. Puoi chiudere questa pagina.
went_back_heading = Hai lasciato il pagamento
went_back_text = Non è stato addebitato nulla. Puoi ancora completare il tuo acquisto.
disabled_heading = Questo link di pagamento non è più valido
disabled_text = Il negozio lo ha ritirato. Chiedi al negozio un nuovo link.
expired_heading = Questo link di pagamento è scaduto
expired_text = Chiedi al negozio un nuovo link.
not_found_heading = Non conosciamo questo link di pagamento
not_found_text = Controlla che il link sia completo o chiedine uno nuovo al negozio.
unavailable_heading = Riprova tra un momento
unavailable_text = La pagina di pagamento è temporaneamente non disponibile. Non è stato addebitato nulla.
no_payments_heading = Al momento questo negozio non può accettare pagamenti
no_payments_text = Non è stato addebitato nulla. Chiedi al negozio come puoi pagare.
retry = Riprova
continue_to_shop = Continua verso il negozio
return_to_shop = Torna al negozio
moving_on = Tra un momento tornerai al negozio. Se non succede nulla, usa il pulsante.

## In a shop with staff

id_check_heading = Mostra il tuo documento d’identità
id_check_text = Mostra al personale il tuo documento d’identità e questo codice. Dopo il controllo questa pagina proseguirà da sola.
id_check_code = Codice
display_heading = Scansiona il codice per pagare
display_text = Inquadra il codice con la fotocamera del telefono e apri il link.
status_waiting = In attesa del cliente
status_in_progress = Il cliente sta pagando
status_back = Il cliente ha lasciato il pagamento
status_timed_out = Il cliente non ha completato il pagamento
staff_title = Pagamento in negozio
staff_scan = Il cliente scansiona questo codice con un telefono e paga da lì.
staff_open_display = Apri lo schermo per il cliente
staff_send_email = Invia il link per e-mail
staff_send_sms = Invia il link per SMS
phone = Numero di telefono
staff_send = Invia
staff_sent = Il link verrà inviato tra un momento.
staff_not_sent = Il link non è stato inviato. Controlla l’indirizzo o il numero e, se sono corretti, riprova più tardi.
staff_id_check_heading = Controlla il documento d’identità
staff_id_check_text = Confronta il codice con quello sul telefono del cliente. Poi confronta il documento con la persona che hai davanti.
staff_id_check_pass = Il documento è in regola
staff_id_check_fail = Rifiuta il pagamento
staff_id_check_over = Questo controllo è terminato. Il cliente può riprovare a pagare.
staff_disable = Ritira il link
staff_disable_text = Il cliente non potrà più pagare con questo link.
staff_disable_yes = Sì, ritira il link

## Messages

message_subject = Il tuo acquisto presso { $shop }
message_text = Completa il tuo acquisto presso { $shop }: { $link }
